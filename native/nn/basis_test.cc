// Bases by what defines them; the golden files of the models compare them with the reference.
#include "nn/basis.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nf {
namespace {

constexpr double kTolerance = 1e-6;

double Sum(const ConstMatrix& m, int64_t t) {
  double sum = 0;
  for (int64_t p = 0; p < m.rows; ++p) sum += m.values[static_cast<size_t>(p * m.cols + t)];
  return sum;
}

TEST(Interpolation, OfAConstantIsThatConstant) {
  for (const char* mode : {"linear", "nearest", "cubic"}) {
    for (int64_t knots : {1, 2, 3, 7, 24}) {
      for (int64_t length : {1, 5, 24, 96}) {
        const ConstMatrix m = InterpolationBasis(mode, knots, length);
        ASSERT_EQ(m.rows, knots);
        ASSERT_EQ(m.cols, length);
        for (int64_t t = 0; t < length; ++t) EXPECT_NEAR(Sum(m, t), 1.0, kTolerance) << mode;
      }
    }
  }
}

TEST(Interpolation, AsManyKnotsAsStepsIsTheIdentity) {
  for (const char* mode : {"linear", "nearest", "cubic"}) {
    ConstMatrix m = InterpolationBasis(mode, 9, 9);
    for (int64_t p = 0; p < 9; ++p) {
      for (int64_t t = 0; t < 9; ++t) EXPECT_NEAR(m.at(p, t), p == t ? 1 : 0, kTolerance) << mode;
    }
  }
}

// Knot p of n lies at step (p + 0.5) * length / n - 0.5.
TEST(Interpolation, LinearOfALineIsTheLineBetweenTheKnots) {
  const int64_t knots = 6, length = 24;
  ConstMatrix m = InterpolationBasis("linear", knots, length);
  for (int64_t t = 2; t < length - 2; ++t) {
    double y = 0;
    for (int64_t p = 0; p < knots; ++p) y += m.at(p, t) * (static_cast<double>(p) * 4 + 1.5);
    EXPECT_NEAR(y, static_cast<double>(t), 1e-5);
  }
}

TEST(Interpolation, RunsTheSameForwardsAndBackwards) {
  for (const char* mode : {"linear", "cubic"}) {
    ConstMatrix m = InterpolationBasis(mode, 6, 24);
    for (int64_t p = 0; p < 6; ++p) {
      for (int64_t t = 0; t < 24; ++t) {
        EXPECT_NEAR(m.at(p, t), m.at(5 - p, 23 - t), kTolerance) << mode;
      }
    }
  }
}

// torch's cubic kernel, A = -0.75, halfway between two knots: A / 8 and 1 / 2 - A / 8.
TEST(Interpolation, CubicOvershootsAsItsKernelDoes) {
  ConstMatrix m = InterpolationBasis("cubic", 8, 4);  // step 1 is at knot 2.5
  const double expected[] = {-0.09375, 0.59375, 0.59375, -0.09375};
  for (int64_t i = 0; i < 4; ++i) EXPECT_NEAR(m.at(1 + i, 1), expected[i], kTolerance);
}

// sum over k of (-1)^k C(n, k) f(t + k): 0 for a polynomial of lower degree.
double Difference(const std::vector<double>& f, int64_t n) {
  std::vector<double> d = f;
  for (int64_t i = 0; i < n; ++i) {
    for (size_t k = 0; k + 1 < d.size(); ++k) d[k] = d[k + 1] - d[k];
    d.pop_back();
  }
  return d[0];
}

TEST(Trend, PolynomialsHaveTheirDegree) {
  for (const char* kind : {"polynomial", "legendre", "chebyshev"}) {
    ConstMatrix m = TrendBasis(kind, 3, 9);
    for (int64_t p = 0; p <= 3; ++p) {
      std::vector<double> f;
      for (int64_t t = 0; t < 9; ++t) f.push_back(m.at(p, t));
      EXPECT_NEAR(Difference(f, p + 1), 0, 1e-5) << kind << p;
      EXPECT_GT(std::abs(Difference(f, p)), 1e-4) << kind << p;
    }
  }
}

TEST(Trend, ClassicPolynomialsMeetTheirEndValues) {
  for (const char* kind : {"legendre", "chebyshev"}) {
    ConstMatrix m = TrendBasis(kind, 5, 11);
    for (int64_t p = 0; p <= 5; ++p) {
      EXPECT_NEAR(m.at(p, 10), 1, kTolerance) << kind;
      EXPECT_NEAR(m.at(p, 0), p % 2 == 0 ? 1 : -1, kTolerance) << kind;
    }
  }
  ConstMatrix chebyshev = TrendBasis("chebyshev", 4, 11);
  EXPECT_NEAR(chebyshev.at(4, 8), std::cos(4 * std::acos(0.6)), kTolerance);
  EXPECT_NEAR(TrendBasis("legendre", 2, 11).at(2, 8), (3 * 0.36 - 1) / 2, kTolerance);
}

TEST(Trend, SplinesAndHatsAddUpToOne) {
  for (const char* kind : {"spline", "linear_hat"}) {
    for (int64_t degree : {3, 4, 7}) {
      const ConstMatrix m = TrendBasis(kind, degree, 20);
      EXPECT_EQ(m.rows, degree + 1);
      for (int64_t t = 0; t < 20; ++t) EXPECT_NEAR(Sum(m, t), 1, kTolerance) << kind << degree;
      for (float v : m.values) EXPECT_GE(v, 0) << kind;
    }
  }
}

TEST(Trend, EveryKindIsFiniteAtEveryLength) {
  for (const std::string& kind : kTrendBases) {
    for (int64_t length : {1, 2, 3, 50}) {
      for (float v : TrendBasis(kind, 4, length).values) EXPECT_TRUE(std::isfinite(v)) << kind;
    }
  }
}

TEST(Seasonality, CosinesThenSinesOfTheSameFrequencies) {
  for (double sign : {1.0, -1.0}) {
    ConstMatrix m = SeasonalityBasis(2, 8, 20, sign);
    const int64_t half = m.rows / 2;
    EXPECT_EQ(m.rows, 2 * half);
    for (int64_t t = 0; t < 20; ++t) {
      EXPECT_NEAR(m.at(0, t), 1, kTolerance);
      EXPECT_NEAR(m.at(half, t), 0, kTolerance);
      for (int64_t f = 1; f < half; ++f) {
        // Frequencies 2/2, 3/2, ... below horizon / 2, per horizon.
        const double angle = 2 * std::acos(-1.0) * (static_cast<double>(f) + 1) / 2 * sign *
                             static_cast<double>(t) / 8;
        EXPECT_NEAR(m.at(f, t), std::cos(angle), 1e-5) << f;
        EXPECT_NEAR(m.at(half + f, t), std::sin(angle), 1e-5) << f;
      }
    }
  }
}

TEST(PerOutput, AppliesTheBasisToEachOutput) {
  ConstMatrix basis(2, 3);
  for (size_t i = 0; i < 6; ++i) basis.values[i] = static_cast<float>(i + 1);
  for (bool basis_major : {true, false}) {
    ConstMatrix m = PerOutput(basis, 4, basis_major);
    ASSERT_EQ(m.rows, 8);
    ASSERT_EQ(m.cols, 12);
    for (int64_t p = 0; p < 2; ++p) {
      for (int64_t q = 0; q < 4; ++q) {
        for (int64_t t = 0; t < 3; ++t) {
          for (int64_t to = 0; to < 4; ++to) {
            EXPECT_EQ(m.at(basis_major ? p * 4 + q : q * 2 + p, t * 4 + to),
                      q == to ? basis.at(p, t) : 0);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace nf
