#include "kernels/activations.h"

#include <bit>
#include <string>

#include "kernels/ref/activations.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

struct Case {
  Activation activation;
  const char* name;
  double ulp;           // largest error of the vector kernels, forward
  double backward_ulp;  // and backward
};

// Measured over every 67th float (f32 twin and all vector targets), rounded up.
constexpr Case kCases[] = {
    {Activation::kNone, "none", 0.0, 0.0},         {Activation::kRelu, "relu", 0.0, 0.0},
    {Activation::kTanh, "tanh", 2.5, 1.5},         {Activation::kSigmoid, "sigmoid", 2.4, 1.5},
    {Activation::kSoftplus, "softplus", 2.8, 1.1}, {Activation::kSelu, "selu", 1.8, 0.6},
    {Activation::kLeakyRelu, "leaky", 0.6, 0.0},   {Activation::kElu, "elu", 1.1, 0.6},
};

// Every 2053rd float from -inf to +inf with denormals and NaNs, and the special ones.
std::vector<float> Sweep() {
  std::vector<float> x;
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 2053) {
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  }
  const float infinity = std::numeric_limits<float>::infinity();
  const float denormal = std::numeric_limits<float>::denorm_min();
  for (float v : {0.0f, denormal, std::numeric_limits<float>::min(), 1.0f, 87.3f, 88.7f, 88.8f,
                  103.9f, 104.1f, std::numeric_limits<float>::max(), infinity,
                  std::numeric_limits<float>::quiet_NaN()}) {
    x.push_back(v);
    x.push_back(-v);
  }
  return x;
}

TEST(Activations, ForwardWithinUlpOfDoubleOverAllMagnitudes) {
  const std::vector<float> x = Sweep();
  std::vector<float> y(x.size());
  std::vector<double> expected(x.size());
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    for (size_t i = 0; i < x.size(); ++i) expected[i] = ref::Activate<double>(c.activation, x[i]);
    ForEachTable([&](const KernelTable& table) {
      table.activation.forward(c.activation, x.data(), y.data(), x.size());
      double worst = 0.0;
      float at = 0.0f;
      for (size_t i = 0; i < x.size(); ++i) {
        const double distance = UlpDistance(y[i], expected[i]);
        if (distance > worst) worst = distance, at = x[i];
      }
      EXPECT_LE(worst, c.ulp) << "at x = " << at;
    });
  }
}

// From the f32 output y, as the kernels see it; dy = 1.
TEST(Activations, BackwardWithinUlpOfDoubleOverAllMagnitudes) {
  const std::vector<float> x = Sweep(), dy(x.size(), 1.0f);
  std::vector<float> y(x.size()), dx(x.size());
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    for (size_t i = 0; i < x.size(); ++i) {
      y[i] = static_cast<float>(ref::Activate<double>(c.activation, x[i]));
    }
    ForEachTable([&](const KernelTable& table) {
      table.activation.backward(c.activation, y.data(), dy.data(), dx.data(), x.size());
      double worst = 0.0;
      float at = 0.0f;
      for (size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(y[i])) continue;  // a test of its own below
        const double expected = ref::ActivationSlope<double>(c.activation, y[i]);
        const double distance = UlpDistance(dx[i], expected);
        if (distance > worst) worst = distance, at = y[i];
      }
      EXPECT_LE(worst, c.backward_ulp) << "at y = " << at;
    });
  }
}

TEST(Activations, SizesOffsetsAndInPlace) {
  for (const Case& c : kCases) {
    for (size_t n : TestSizes()) {
      const std::vector<float> x = RandomFloats(n, 1), dy = RandomFloats(n, 2);
      std::vector<double> y(n), dx(n);
      ref::ActivationForward<double>(c.activation, ToDouble(x).data(), y.data(), n);
      ref::ActivationBackward<double>(c.activation, y.data(), ToDouble(dy).data(), dx.data(), n);
      ForEachTable([&](const KernelTable& table) {
        SCOPED_TRACE(std::string(c.name) + " n " + std::to_string(n));
        TestArray in(x, n % 3), out(n, n % 5), gradient(dy, n % 7), result(n, 1);
        table.activation.forward(c.activation, in.data(), out.data(), n);
        ExpectNear(out, y, 1e-6);
        table.activation.backward(c.activation, out.data(), gradient.data(), result.data(), n);
        ExpectNear(result, dx, 1e-6);
        table.activation.forward(c.activation, in.data(), in.data(), n);
        ExpectSameBits(in, out);
        table.activation.backward(c.activation, out.data(), gradient.data(), gradient.data(), n);
        ExpectSameBits(gradient, result);
      });
    }
  }
}

TEST(Activations, AnElementsBitsDoNotDependOnItsPosition) {
  const TestArray x(RandomFloats(67, 3, -9.0f, 9.0f), 0);
  ForEachTable([&](const KernelTable& table) {
    for (const Case& c : kCases) {
      TestArray whole(67), single(67);
      table.activation.forward(c.activation, x.data(), whole.data(), 67);
      for (size_t i = 0; i < 67; ++i) {
        table.activation.forward(c.activation, x.data() + i, single.data() + i, 1);
      }
      ExpectSameBits(single, whole);
    }
  });
}

TEST(Activations, NanInIsNanOut) {
  const std::vector<float> x(21, std::numeric_limits<float>::quiet_NaN()), one(21, 1.0f);
  ForEachTable([&](const KernelTable& table) {
    for (const Case& c : kCases) {
      std::vector<float> y(21), dx(21);
      table.activation.forward(c.activation, x.data(), y.data(), 21);
      table.activation.backward(c.activation, one.data(), x.data(), dx.data(), 21);
      for (size_t i = 0; i < 21; ++i) {
        EXPECT_TRUE(std::isnan(y[i])) << c.name;
        EXPECT_TRUE(std::isnan(dx[i])) << c.name;
      }
    }
  });
}

// The slope written with y against central differences of the function, in double.
TEST(Activations, SlopeMatchesDifferences) {
  for (const Case& c : kCases) {
    for (double x = -6.05; x < 6.0; x += 0.1) {
      const double h = 1e-6;
      const double difference =
          (ref::Activate(c.activation, x + h) - ref::Activate(c.activation, x - h)) / (2 * h);
      const double slope = ref::ActivationSlope(c.activation, ref::Activate(c.activation, x));
      EXPECT_NEAR(slope, difference, 1e-8) << c.name << " at " << x;
    }
  }
}

}  // namespace
}  // namespace nf
