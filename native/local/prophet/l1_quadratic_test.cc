// The lasso on a Gram matrix: its conditions for a least, on random and on nearly singular
// problems.
#include "local/prophet/l1_quadratic.h"

#include <gtest/gtest.h>

#include <random>

namespace nf {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Slope 0 where x_j is not penalised, -penalty * sign where it is not 0, and within the penalty
// where it is.
void ExpectLeast(const MatrixXd& H, const VectorXd& c, double penalty, Index begin, Index end,
                 const VectorXd& x) {
  const VectorXd slope = H * x - c;
  const double tolerance = 1e-7 * (1.0 + c.lpNorm<Eigen::Infinity>());
  for (Index j = 0; j < x.size(); ++j) {
    if (j < begin || j >= end) {
      EXPECT_NEAR(slope[j], 0.0, tolerance) << j;
    } else if (x[j] == 0) {
      EXPECT_LE(std::abs(slope[j]), penalty + tolerance) << j;
    } else {
      EXPECT_NEAR(slope[j], x[j] > 0 ? -penalty : penalty, tolerance) << j;
    }
  }
}

TEST(L1Quadratic, RandomProblems) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  for (Index size : {1, 2, 7, 30}) {
    for (double penalty : {0.0, 0.1, 3.0, 1e3}) {
      MatrixXd J(size + 5, size);
      VectorXd c(size), x(size);
      for (double& v : J.reshaped()) v = normal(random);
      for (double& v : c) v = 10 * normal(random);
      for (double& v : x) v = normal(random);  // begins anywhere
      const MatrixXd H = J.transpose() * J + 0.1 * MatrixXd::Identity(size, size);
      const Index begin = size / 3;
      MinimiseL1Quadratic(H, c, penalty, begin, size, x);
      ExpectLeast(H, c, penalty, begin, size, x);
      if (penalty == 1e3) {
        EXPECT_EQ(x.tail(size - begin).norm(), 0.0);
      }
    }
  }
}

// What changepoints give: ramps of which neighbours are nearly the same.
TEST(L1Quadratic, Ramps) {
  constexpr Index kRows = 400, kRamps = 60;
  MatrixXd J(kRows, kRamps + 2);
  VectorXd y(kRows);
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (Index i = 0; i < kRows; ++i) {
    const double t = static_cast<double>(i) / kRows;
    J(i, 0) = t;
    J(i, 1) = 1;
    for (Index j = 0; j < kRamps; ++j)
      J(i, 2 + j) = std::max(0.0, t - static_cast<double>(j + 1) / (kRamps + 1));
    y[i] = std::abs(t - 0.4) + 0.01 * normal(random);
  }
  const MatrixXd H = 1e4 * J.transpose() * J + 0.04 * MatrixXd::Identity(kRamps + 2, kRamps + 2);
  const VectorXd c = 1e4 * J.transpose() * y;
  VectorXd x = VectorXd::Zero(kRamps + 2);
  MinimiseL1Quadratic(H, c, 20.0, 2, kRamps + 2, x);
  ExpectLeast(H, c, 20.0, 2, kRamps + 2, x);
  EXPECT_LT((x.tail(kRamps).array() != 0).count(), kRamps / 2);
}

}  // namespace
}  // namespace nf
