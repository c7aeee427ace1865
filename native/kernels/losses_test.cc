#include "kernels/losses.h"

#include <string>

#include "kernels/ref/losses.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

struct Case {
  LossKind kind;
  const char* name;
  bool quantiles;
};

constexpr Case kCases[] = {
    {LossKind::kMae, "mae", false},
    {LossKind::kMse, "mse", false},
    {LossKind::kHuber, "huber", false},
    {LossKind::kMape, "mape", false},
    {LossKind::kSmape, "smape", false},
    {LossKind::kQuantile, "quantile", true},
    {LossKind::kHuberQuantile, "huber quantile", true},
    {LossKind::kHuberMultiQuantile, "huber multi-quantile", true},
};

const std::vector<float> kQuantiles = {0.5f, 0.05f, 0.1f, 0.9f, 0.95f};
constexpr float kDelta = 0.7f;

// A problem of `rows` x 3 points; every fifth weight is 0.
struct Problem {
  Problem(const Case& c, size_t rows_, size_t outputs_)
      : rows(rows_), outputs(c.quantiles ? outputs_ : 1) {
    y = RandomFloats(rows * 3, 1);
    y_hat = RandomFloats(rows * 3 * outputs, 2);
    weight = RandomFloats(rows * 3, 3, 0.1f, 2.0f);
    for (size_t i = 0; i < weight.size(); i += 5) weight[i] = 0.0f;
    args.kind = c.kind;
    args.delta = kDelta;
    args.quantiles = kQuantiles.data();
    args.rows = rows;
    args.horizon = 3;
    args.outputs = outputs;
    args.grad_scale = 0.25f;
  }

  size_t rows, outputs;
  std::vector<float> y, y_hat, weight;
  LossArgs args;
};

TEST(Losses, ValueAndGradientMatchTheTwin) {
  for (const Case& c : kCases) {
    for (size_t rows : TestSizes()) {
      for (size_t outputs : {1, 2, 5}) {
        if (!c.quantiles && outputs > 1) continue;
        const Problem p(c, rows, outputs);
        std::vector<double> gradient(p.y_hat.size());
        const double value =
            ref::Loss<double>(c.kind, kDelta, ToDouble(kQuantiles).data(), rows * 3, outputs,
                              ToDouble(p.y_hat).data(), ToDouble(p.y).data(),
                              ToDouble(p.weight).data(), 0.25, gradient.data());
        ForEachTable([&](const KernelTable& table) {
          SCOPED_TRACE(std::string(c.name) + " rows " + std::to_string(rows) + " outputs " +
                       std::to_string(outputs));
          const TestArray y(p.y, rows % 3), y_hat(p.y_hat, rows % 5), weight(p.weight, rows % 7);
          TestArray grad(p.y_hat.size(), 1);
          LossArgs args = p.args;
          args.y = y.data();
          args.y_hat = y_hat.data();
          args.weight = weight.data();
          args.grad = grad.data();
          const double sum = table.loss.loss(args);
          EXPECT_NEAR(sum, value, 2e-6 * std::max(1.0, value));
          // MAPE and SMAPE magnify the rounding of y - y_hat by up to 1 / |y|.
          for (size_t i = 0; i < gradient.size(); ++i) {
            ASSERT_NEAR(grad[i], gradient[i], 2e-6 * std::max(1.0, std::abs(gradient[i]))) << i;
          }
          args.grad = nullptr;
          EXPECT_EQ(table.loss.loss(args), sum);
        });
      }
    }
  }
}

// The twin's gradient against central differences, away from the kinks.
TEST(Losses, GradientMatchesDifferences) {
  const double h = 1e-6, delta = 0.7;
  for (const Case& c : kCases) {
    for (double y : {-1.3, 0.0, 0.4, 2.0}) {
      for (double y_hat = -3.03; y_hat < 3.0; y_hat += 0.1) {
        for (double q : {0.1, 0.5, 0.9}) {
          const double up = ref::PointLoss(c.kind, y, y_hat + h, q, delta).loss;
          const double down = ref::PointLoss(c.kind, y, y_hat - h, q, delta).loss;
          const double slope = ref::PointLoss(c.kind, y, y_hat, q, delta).slope;
          EXPECT_NEAR(slope, (up - down) / (2 * h), 1e-6)
              << c.name << " y " << y << " y_hat " << y_hat << " q " << q;
        }
      }
    }
  }
}

// Values and gradients that NeuralForecast 3.2.2 give for y = (1, 0, 0, 2) and
// y_hat = (1, 0, 1, -1.5), q = 0.3, delta = 0.7: kinks included.
TEST(Losses, ValuesOfTheReference) {
  struct Expected {
    LossKind kind;
    double value;
    float gradient[4];
  };
  const Expected expected[] = {
      {LossKind::kMae, 4.5, {0.0f, 0.0f, 1.0f, -1.0f}},
      {LossKind::kMse, 13.25, {0.0f, 0.0f, 2.0f, -7.0f}},
      {LossKind::kHuber, 2.66, {0.0f, 0.0f, 0.7f, -0.7f}},
      {LossKind::kMape, 1.75, {0.0f, 0.0f, 0.0f, -0.5f}},
      {LossKind::kSmape, 4.0, {0.0f, 0.0f, 0.0f, 0.0f}},
      {LossKind::kQuantile, 1.75, {0.2f, 0.2f, 0.7f, -0.3f}},
      {LossKind::kHuberQuantile, 0.98, {0.0f, 0.0f, 0.49f, -0.21f}},
      {LossKind::kHuberMultiQuantile, 0.735, {0.0f, 0.0f, 0.49f, -0.21f}},
  };
  const float y[] = {1.0f, 0.0f, 0.0f, 2.0f}, y_hat[] = {1.0f, 0.0f, 1.0f, -1.5f};
  const float weight[] = {1.0f, 1.0f, 1.0f, 1.0f}, q = 0.3f;
  ForEachTable([&](const KernelTable& table) {
    for (const Expected& e : expected) {
      float grad[4];
      LossArgs args;
      args.kind = e.kind;
      args.delta = 0.7f;
      args.quantiles = &q;
      args.rows = 1;
      args.horizon = 4;
      args.y = y;
      args.y_hat = y_hat;
      args.weight = weight;
      args.grad = grad;
      EXPECT_NEAR(table.loss.loss(args), e.value, 1e-6) << static_cast<int>(e.kind);
      for (int i = 0; i < 4; ++i) {
        EXPECT_NEAR(grad[i], e.gradient[i], 1e-6) << static_cast<int>(e.kind) << " " << i;
      }
    }
  });
}

TEST(Losses, WeightZeroHidesNanAndAnyOtherWeightShowsIt) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Case& c : kCases) {
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE(c.name);
      Problem p(c, 7, 1);
      p.y[5] = p.y_hat[10] = nan;  // weight[5] and weight[10] are 0
      std::vector<float> grad(p.y_hat.size(), nan);
      p.args.y = p.y.data();
      p.args.y_hat = p.y_hat.data();
      p.args.weight = p.weight.data();
      p.args.grad = grad.data();
      EXPECT_TRUE(std::isfinite(table.loss.loss(p.args)));
      for (float g : grad) EXPECT_TRUE(std::isfinite(g));
      EXPECT_EQ(grad[5], 0.0f);
      EXPECT_EQ(grad[10], 0.0f);
      p.y_hat[6] = nan;
      EXPECT_TRUE(std::isnan(table.loss.loss(p.args)));
      EXPECT_TRUE(std::isnan(grad[6]));
      EXPECT_FALSE(std::isnan(grad[7]));
    });
  }
}

}  // namespace
}  // namespace nf
