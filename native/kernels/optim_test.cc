#include "kernels/optim.h"

#include <string>

#include "kernels/ref/optim.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

using Step = void (*)(const OptimArgs&, float*, const float*, float*, float*, size_t);
using Twin = void (*)(const OptimArgs&, double*, const double*, double*, double*, size_t);

struct Case {
  const char* name;
  Step OptimKernels::*step;
  Twin twin;
  double momentum;
  float torch[2];  // parameters after the three steps of MatchesTorch
};

const Case kCases[] = {
    {"adam", &OptimKernels::adam, ref::Adam<double>, 0.0, {0.977511346f, -1.98300433f}},
    {"adamw", &OptimKernels::adamw, ref::AdamW<double>, 0.0, {0.976569951f, -1.98071051f}},
    {"sgd", &OptimKernels::sgd, ref::Sgd<double>, 0.0, {0.97301203f, -1.988554f}},
    {"sgd momentum", &OptimKernels::sgd, ref::Sgd<double>, 0.9, {0.962762833f, -1.96828496f}},
    {"rmsprop", &OptimKernels::rmsprop, ref::RmsProp<double>, 0.0, {0.867713451f, -1.94120193f}},
    {"rmsprop momentum",
     &OptimKernels::rmsprop,
     ref::RmsProp<double>,
     0.9,
     {0.774933636f, -1.8368777f}},
};

OptimArgs Args(const Case& c, int step) {
  OptimArgs args;
  args.learning_rate = 0.01;
  args.weight_decay = 0.1;
  args.epsilon = 0.05;  // large enough for its place in the formula to show
  args.momentum = c.momentum;
  args.bias_correction1 = 1.0 - std::pow(args.beta1, step);
  args.bias_correction2 = 1.0 - std::pow(args.beta2, step);
  return args;
}

// Three steps of torch 2.15's optimisers from p = (1, -2), lr 0.01, weight decay 0.1, eps 0.05.
TEST(Optim, MatchesTorch) {
  const float gradients[3][2] = {{0.5f, -1.25f}, {-0.1f, 0.7f}, {2.0f, 0.003f}};
  for (const Case& c : kCases) {
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(c.name);
      float p[2] = {1.0f, -2.0f}, m[2] = {}, v[2] = {};
      for (int t = 0; t < 3; ++t) (table.optim.*c.step)(Args(c, t + 1), p, gradients[t], m, v, 2);
      EXPECT_NEAR(p[0], c.torch[0], 2e-7);
      EXPECT_NEAR(p[1], c.torch[1], 3e-7);
    });
  }
}

TEST(Optim, MatchesTheTwinAtEverySize) {
  for (const Case& c : kCases) {
    for (size_t n : TestSizes()) {
      const std::vector<float> p = RandomFloats(n, 1), g = RandomFloats(n, 2),
                               m = RandomFloats(n, 3), v = RandomFloats(n, 4, 0.1f, 2.0f);
      OptimArgs args = Args(c, 5);
      args.grad_scale = 0.7;
      auto dp = ToDouble(p), dm = ToDouble(m), dv = ToDouble(v);
      c.twin(args, dp.data(), ToDouble(g).data(), dm.data(), dv.data(), n);
      ForEachTable([&](const KernelTable& table) {
        SCOPED_TRACE(std::string(c.name) + " n " + std::to_string(n));
        TestArray ap(p, n % 3), am(m, n % 5), av(v, n % 7);
        const TestArray ag(g, 1);
        (table.optim.*c.step)(args, ap.data(), ag.data(), am.data(), av.data(), n);
        ExpectNear(ap, dp, 4e-7);
        ExpectNear(am, dm, 4e-7, 2.0);
        ExpectNear(av, dv, 4e-7);
      });
    }
  }
}

// What lets threads cut the slab anywhere.
TEST(Optim, AnElementsBitsDoNotDependOnItsPosition) {
  const size_t n = 67;
  const std::vector<float> p = RandomFloats(n, 1), g = RandomFloats(n, 2);
  for (const Case& c : kCases) {
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(c.name);
      TestArray whole(p, 0), cut(p, 0), m1(n), v1(n), m2(n), v2(n);
      for (int t = 1; t <= 3; ++t) {
        (table.optim.*c.step)(Args(c, t), whole.data(), g.data(), m1.data(), v1.data(), n);
        for (size_t i = 0; i < n; ++i) {
          (table.optim.*c.step)(Args(c, t), cut.data() + i, g.data() + i, m2.data() + i,
                                v2.data() + i, 1);
        }
      }
      ExpectSameBits(cut, whole);
    });
  }
}

TEST(Optim, UnusedBuffersMayBeAbsent) {
  ForEachTable([&](const KernelTable& table) {
    OptimArgs args;
    args.learning_rate = 0.5;
    float p[3] = {1, 2, 3};
    const float g[3] = {1, 1, 1};
    table.optim.sgd(args, p, g, nullptr, nullptr, 3);
    EXPECT_EQ(p[2], 2.5f);
    float v[3] = {};
    table.optim.rmsprop(args, p, g, nullptr, v, 3);
    EXPECT_NEAR(p[2], 2.5f - 0.5f / 0.1f, 1e-5);
  });
}

TEST(Optim, NanGradientMakesTheParameterNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Case& c : kCases) {
    ForEachTable([&](const KernelTable& table) {
      float p[2] = {1, 1}, m[2] = {}, v[2] = {};
      const float g[2] = {nan, 1};
      (table.optim.*c.step)(Args(c, 1), p, g, m, v, 2);
      EXPECT_TRUE(std::isnan(p[0])) << c.name;
      EXPECT_FALSE(std::isnan(p[1])) << c.name;
    });
  }
}

}  // namespace
}  // namespace nf
