#include "kernels/gating.h"

#include <cmath>
#include <string>

#include "kernels/ref/gating.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

constexpr double kTolerance = 1e-6;

// What holds `held` and adds, and what is written, of one kernel.
template <class Kernel>
void ExpectWrittenAndAdded(const std::vector<double>& expected, size_t offset,
                           const Kernel& kernel) {
  const std::vector<float> held = RandomFloats(expected.size(), 9);
  TestArray added(held, offset), written(held, offset);
  std::vector<double> sum = expected;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += held[i];
  kernel(true, added.data());
  kernel(false, written.data());
  ExpectNear(added, sum, kTolerance, 4.0);
  ExpectNear(written, expected, kTolerance, 4.0);
}

TEST(Gating, GluMatchesTheTwinInDouble) {
  for (size_t n : TestSizes()) {
    const size_t rows = n < 100 ? 5 : 2;
    const TestArray x(RandomFloats(2 * rows * n, 1, -8.0f, 8.0f), n % 3);
    const TestArray dy(RandomFloats(rows * n, 2), n % 5);
    std::vector<double> y(rows * n), dx(2 * rows * n);
    ref::GluForward(ToDouble(x).data(), rows, n, y.data());
    ref::GluBackward(ToDouble(x).data(), ToDouble(dy).data(), rows, n, false, dx.data());
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE("n " + std::to_string(n));
      TestArray out(rows * n, 1);
      table.gating.glu_forward(x.data(), rows, n, out.data());
      ExpectNear(out, y, kTolerance);
      ExpectWrittenAndAdded(dx, 2, [&](bool accumulate, float* to) {
        table.gating.glu_backward(x.data(), dy.data(), rows, n, accumulate, to);
      });
    });
  }
}

TEST(Gating, SoftmaxMatchesTheTwinInDouble) {
  for (size_t n : TestSizes()) {
    const size_t rows = n < 100 ? 5 : 2;
    // Far from 0: what counts is the distance from the largest.
    TestArray x(RandomFloats(rows * n, 1, 85.0f, 95.0f), n % 3);
    const TestArray dy(RandomFloats(rows * n, 2), n % 5);
    std::vector<double> y(rows * n), dx(rows * n);
    ref::SoftmaxForward(ToDouble(x).data(), rows, n, y.data());
    const TestArray rounded(std::vector<float>(y.begin(), y.end()), 3);
    ref::SoftmaxBackward(ToDouble(rounded).data(), ToDouble(dy).data(), rows, n, false, dx.data());
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE("n " + std::to_string(n));
      TestArray out(rows * n, 1), in_place = x, grad = dy;
      table.gating.softmax_forward(x.data(), rows, n, out.data());
      ExpectNear(out, y, kTolerance);
      table.gating.softmax_forward(in_place.data(), rows, n, in_place.data());
      ExpectSameBits(in_place, out);
      ExpectWrittenAndAdded(dx, 2, [&](bool accumulate, float* to) {
        table.gating.softmax_backward(rounded.data(), dy.data(), rows, n, accumulate, to);
      });
      table.gating.softmax_backward(rounded.data(), grad.data(), rows, n, false, grad.data());
      ExpectNear(grad, dx, kTolerance, 4.0);
    });
  }
}

TEST(Gating, SoftmaxOfFarBelowZeroOfOneAndOfNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  ForEachTable([&](const KernelTable& table) {
    for (size_t n : {1, 3, 16, 40}) {
      std::vector<float> x(n, -1000.0f), y(n);
      table.gating.softmax_forward(x.data(), 1, n, y.data());
      for (float v : y) EXPECT_FLOAT_EQ(v, 1.0f / static_cast<float>(n));
      x[n / 2] = nan;
      table.gating.softmax_forward(x.data(), 1, n, y.data());
      for (float v : y) EXPECT_TRUE(std::isnan(v)) << n;
    }
  });
}

TEST(Gating, RowsScaledAndMultipliedMatchTheTwins) {
  for (size_t n : TestSizes()) {
    const size_t rows = 4, stride = 1 + n % 3;
    const TestArray a(RandomFloats(rows * n, 1, -1.0f, 1.0f), n % 3);
    const TestArray b(RandomFloats(rows * n, 2, -1.0f, 1.0f), n % 5);
    const TestArray w(RandomFloats(rows * stride, 3), 1);
    std::vector<double> scaled(rows * n), dots(rows * stride);
    ref::ScaleRows(ToDouble(w).data(), stride, ToDouble(a).data(), rows, n, false, scaled.data());
    ref::DotRows(ToDouble(a).data(), ToDouble(b).data(), rows, n, stride, false, dots.data());
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE("n " + std::to_string(n));
      ExpectWrittenAndAdded(scaled, 2, [&](bool accumulate, float* to) {
        table.gating.scale_rows(w.data(), stride, a.data(), rows, n, accumulate, to);
      });
      TestArray out(std::vector<float>(rows * stride, 7.0f), 1);
      table.gating.dot_rows(a.data(), b.data(), rows, n, stride, false, out.data());
      const double scale = 4.0 + std::sqrt(static_cast<double>(n));
      for (size_t r = 0; r < rows; ++r) {
        EXPECT_NEAR(out[r * stride], dots[r * stride], kTolerance * scale);
      }
      table.gating.dot_rows(a.data(), b.data(), rows, n, stride, true, out.data());
      for (size_t i = 0; i < rows * stride; ++i) {  // nothing between the strides
        const double expected = i % stride == 0 ? 2 * dots[i] : 7.0;
        EXPECT_NEAR(out[i], expected, 2 * kTolerance * scale);
      }
    });
  }
}

}  // namespace
}  // namespace nf
