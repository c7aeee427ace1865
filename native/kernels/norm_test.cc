#include "kernels/norm.h"

#include <string>

#include "kernels/ref/elementwise.h"
#include "kernels/ref/norm.h"
#include "testing/kernel_inputs.h"

namespace nf {
namespace {

constexpr double kTolerance = 1e-5;  // relative to values of about 1
constexpr float kEpsilon = 1e-5f;

// Inputs of `rows` vectors of n, far from mean 0, and everything expected of them in double.
struct Problem {
  size_t rows, n;
  std::vector<float> x, dy, gamma, beta;
  std::vector<double> y, dx, statistics;

  Problem(size_t r, size_t size) : rows(r), n(size) {
    x = RandomFloats(rows * n, 1, 1.0f, 5.0f);
    dy = RandomFloats(rows * n, 2, -1.0f, 1.0f);
    gamma = RandomFloats(n, 3, -1.0f, 1.0f);
    beta = RandomFloats(n, 4, -1.0f, 1.0f);
    y.resize(rows * n);
    dx.resize(rows * n);
    statistics.resize(2 * rows);
    ref::LayerForward(ToDouble(x).data(), rows, n, ToDouble(gamma).data(), ToDouble(beta).data(),
                      double{kEpsilon}, y.data(), statistics.data());
    ref::LayerBackward(ToDouble(x).data(), ToDouble(dy).data(), rows, n, ToDouble(gamma).data(),
                       statistics.data(), false, dx.data());
  }
};

TEST(Norm, MatchesTheTwinInDouble) {
  for (size_t n : TestSizes()) {
    if (n < 2) continue;  // one value has no variance: below
    const Problem p(n < 100 ? 5 : 2, n);
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE("n " + std::to_string(n));
      TestArray x(p.x, n % 3), dy(p.dy, n % 5), y(p.rows * n, 1), statistics(2 * p.rows, 2);
      const TestArray gamma(p.gamma, 3), beta(p.beta, 4);
      table.norm.layer_forward(x.data(), p.rows, n, gamma.data(), beta.data(), kEpsilon, y.data(),
                               statistics.data());
      // 1 / std magnifies the mean's rounding where two values nearly agree.
      double steepest = 1.0;
      for (size_t r = 0; r < p.rows; ++r) steepest = std::max(steepest, p.statistics[2 * r + 1]);
      ExpectNear(y, p.y, kTolerance * steepest);
      ExpectNear(statistics, p.statistics, kTolerance * steepest);
      TestArray dx(RandomFloats(p.rows * n, 5), 1);
      auto sum = ToDouble(dx);
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += p.dx[i];
      table.norm.layer_backward(x.data(), dy.data(), p.rows, n, gamma.data(), statistics.data(),
                                true, dx.data());
      ExpectNear(dx, sum, kTolerance * steepest * steepest);
      table.norm.layer_backward(x.data(), dy.data(), p.rows, n, gamma.data(), statistics.data(),
                                false, dy.data());
      ExpectNear(dy, p.dx, kTolerance * steepest * steepest);
      table.norm.layer_forward(x.data(), p.rows, n, gamma.data(), beta.data(), kEpsilon, x.data(),
                               statistics.data());
      ExpectSameBits(x, y);
    });
  }
}

TEST(Norm, ConstantVectorsBecomeTheirShift) {
  const std::vector<float> x(3 * 40, 7.25f), gamma(40, 2.0f), beta = RandomFloats(40, 1);
  ForEachTable([&](const KernelTable& table) {
    for (size_t n : {size_t{1}, size_t{40}}) {
      std::vector<float> y(3 * n), statistics(6);
      table.norm.layer_forward(x.data(), 3, n, gamma.data(), beta.data(), kEpsilon, y.data(),
                               statistics.data());
      for (size_t i = 0; i < 3 * n; ++i) EXPECT_NEAR(y[i], beta[i % n], 1e-3);
      EXPECT_NEAR(statistics[1], 1.0 / std::sqrt(kEpsilon), 0.5);
    }
  });
}

// A mean of 1e4 with a spread of 1: the squares about the mean, not about 0.
TEST(Norm, VarianceIsAboutTheMean) {
  std::vector<float> x = RandomFloats(128, 1, -1.0f, 1.0f);
  for (float& v : x) v += 1e4f;
  const std::vector<float> gamma(128, 1.0f), beta(128, 0.0f);
  std::vector<double> y(128), statistics(2);
  ref::LayerForward(ToDouble(x).data(), 1, 128, ToDouble(gamma).data(), ToDouble(beta).data(),
                    double{kEpsilon}, y.data(), statistics.data());
  ForEachTable([&](const KernelTable& table) {
    TestArray out(128), mean(2);
    table.norm.layer_forward(x.data(), 1, 128, gamma.data(), beta.data(), kEpsilon, out.data(),
                             mean.data());
    ExpectNear(out, y, 5e-3);  // the mean itself is known to 1e-3
    EXPECT_NEAR(mean[1], statistics[1], 1e-4);
  });
}

TEST(Norm, GammaGradientMatchesTheTwin) {
  for (size_t rows : {0, 1, 5, 255, 256, 257, 700}) {
    for (size_t cols : {1, 3, 8, 15, 16, 17, 33, 63, 64, 65, 130}) {
      const Problem p(rows, cols + cols % 4);
      std::vector<float> statistics(p.statistics.begin(), p.statistics.end());
      for (bool accumulate : {false, true}) {
        const std::vector<float> held = RandomFloats(cols, 6);
        auto expected = ToDouble(held);
        ref::LayerGamma(ToDouble(p.x).data(), ToDouble(p.dy).data(), p.statistics.data(), rows,
                        cols, p.n, 0.5, accumulate, expected.data());
        ForEachTable([&](const KernelTable& table) {
          SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(cols));
          TestArray actual(held, cols % 5);
          table.norm.layer_gamma(p.x.data(), p.dy.data(), statistics.data(), rows, cols, p.n, 0.5f,
                                 accumulate, actual.data());
          ExpectNear(actual, expected, 3e-7, 8.0 + static_cast<double>(rows));
        });
      }
    }
  }
}

// What lets the graph cut it into chunks of the batch and tiles of the weight.
TEST(Norm, GammaGradientSplitAtBlocksOrColumnsGivesTheSameBits) {
  const size_t rows = 3 * kColumnSumRows + 100, n = 83;
  const Problem p(rows, n);
  const std::vector<float> statistics(p.statistics.begin(), p.statistics.end());
  ForEachTable([&](const KernelTable& table) {
    const auto gamma = table.norm.layer_gamma;
    TestArray whole(n), split(n), column(n);
    gamma(p.x.data(), p.dy.data(), statistics.data(), rows, n, n, 0.3f, false, whole.data());
    const size_t at = 2 * kColumnSumRows;
    gamma(p.x.data(), p.dy.data(), statistics.data(), at, n, n, 0.3f, false, split.data());
    gamma(p.x.data() + at * n, p.dy.data() + at * n, statistics.data() + 2 * at, rows - at, n, n,
          0.3f, true, split.data());
    ExpectSameBits(split, whole);
    for (size_t j = 0; j < n; ++j) {
      gamma(p.x.data() + j, p.dy.data() + j, statistics.data(), rows, 1, n, 0.3f, false,
            column.data() + j);
    }
    ExpectSameBits(column, whole);
  });
}

TEST(Norm, ChannelsMatchTheTwinInDouble) {
  for (size_t n : TestSizes()) {
    const size_t rows = n < 100 ? 7 : 2;
    const Problem p(rows, n);
    const auto random = [&](uint32_t seed) { return RandomFloats(n, seed, 0.5f, 1.5f); };
    const std::vector<float> mean = random(7), slope = random(8), held = RandomFloats(rows * n, 9);
    std::vector<double> sums(2 * n), y(rows * n), dx = ToDouble(held);
    ref::ChannelSums(ToDouble(p.dy).data(), ToDouble(p.x).data(), rows, n, sums.data());
    ref::ChannelForward(ToDouble(p.x).data(), rows, n, ToDouble(mean).data(),
                        ToDouble(p.gamma).data(), ToDouble(p.beta).data(), y.data());
    ref::ChannelBackward(ToDouble(p.x).data(), ToDouble(p.dy).data(), rows, n,
                         ToDouble(mean).data(), ToDouble(p.gamma).data(), ToDouble(slope).data(),
                         ToDouble(p.beta).data(), true, dx.data());
    ForEachTable([&](const KernelTable& table) {
      SCOPED_TRACE("n " + std::to_string(n));
      TestArray x(p.x, n % 3), dy(p.dy, n % 5), to(held, 1), out(rows * n, 2);
      const TestArray m(mean, 3), gamma(p.gamma, 1), beta(p.beta, 4), s(slope, 2);
      std::vector<double> got(2 * n + 1, -7.0);
      table.norm.channel_sums(dy.data(), x.data(), rows, n, got.data());
      for (size_t i = 0; i < 2 * n; ++i) ASSERT_NEAR(got[i], sums[i], 1e-12);
      ASSERT_EQ(got[2 * n], -7.0);
      table.norm.channel_backward(x.data(), dy.data(), rows, n, m.data(), gamma.data(), s.data(),
                                  beta.data(), true, to.data());
      ExpectNear(to, dx, kTolerance);
      table.norm.channel_backward(x.data(), dy.data(), rows, n, m.data(), gamma.data(), s.data(),
                                  beta.data(), false, dy.data());
      for (size_t i = 0; i < rows * n; ++i) ASSERT_NEAR(dy[i], dx[i] - held[i], 1e-4);
      table.norm.channel_forward(x.data(), rows, n, m.data(), gamma.data(), beta.data(),
                                 out.data());
      ExpectNear(out, y, kTolerance);
      table.norm.channel_forward(x.data(), rows, n, m.data(), gamma.data(), beta.data(), x.data());
      ExpectSameBits(x, out);
    });
  }
}

}  // namespace
}  // namespace nf
