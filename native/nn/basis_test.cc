// Bases by what defines them; the golden files of the models compare them with the reference.
#include "nn/basis.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nf {
namespace {

constexpr double kTolerance = 1e-6;

// A basis with all its values there.
class Dense {
 public:
  Dense(const ConstMatrix& m) : rows(m.rows), cols(m.cols), values(m.Values()) {}
  Dense(int64_t r, int64_t c) : rows(r), cols(c), values(static_cast<size_t>(r * c)) {}
  float& at(int64_t r, int64_t c) { return values[static_cast<size_t>(r * cols + c)]; }

  int64_t rows, cols;
  std::vector<float> values;
};

// What the taps of an interpolation make of each knot.
Dense InterpolationBasis(const std::string& mode, int64_t knots, int64_t length) {
  Dense taps = InterpolationTaps(mode, knots, length), basis(knots, length);
  for (int64_t t = 0; t < length; ++t) {
    for (int64_t j = 1; j < taps.cols; ++j) {
      basis.at(static_cast<int64_t>(taps.at(t, 0)) + j - 1, t) += taps.at(t, j);
    }
  }
  return basis;
}

double Sum(Dense& m, int64_t t) {
  double sum = 0;
  for (int64_t p = 0; p < m.rows; ++p) sum += static_cast<double>(m.at(p, t));
  return sum;
}

TEST(Interpolation, OfAConstantIsThatConstant) {
  for (const char* mode : {"linear", "nearest", "cubic"}) {
    for (int64_t knots : {1, 2, 3, 7, 24}) {
      for (int64_t length : {1, 5, 24, 96}) {
        Dense m = InterpolationBasis(mode, knots, length);
        ASSERT_EQ(m.rows, knots);
        ASSERT_EQ(m.cols, length);
        for (int64_t t = 0; t < length; ++t) EXPECT_NEAR(Sum(m, t), 1.0, kTolerance) << mode;
      }
    }
  }
}

TEST(Interpolation, AsManyKnotsAsStepsIsTheIdentity) {
  for (const char* mode : {"linear", "nearest", "cubic"}) {
    Dense m = InterpolationBasis(mode, 9, 9);
    for (int64_t p = 0; p < 9; ++p) {
      for (int64_t t = 0; t < 9; ++t) EXPECT_NEAR(m.at(p, t), p == t ? 1 : 0, kTolerance) << mode;
    }
  }
}

// Knot p of n lies at step (p + 0.5) * length / n - 0.5.
TEST(Interpolation, LinearOfALineIsTheLineBetweenTheKnots) {
  const int64_t knots = 6, length = 24;
  Dense m = InterpolationBasis("linear", knots, length);
  for (int64_t t = 2; t < length - 2; ++t) {
    double y = 0;
    for (int64_t p = 0; p < knots; ++p) y += m.at(p, t) * (static_cast<double>(p) * 4 + 1.5);
    EXPECT_NEAR(y, static_cast<double>(t), 1e-5);
  }
}

TEST(Interpolation, RunsTheSameForwardsAndBackwards) {
  for (const char* mode : {"linear", "cubic"}) {
    Dense m = InterpolationBasis(mode, 6, 24);
    for (int64_t p = 0; p < 6; ++p) {
      for (int64_t t = 0; t < 24; ++t) {
        EXPECT_NEAR(m.at(p, t), m.at(5 - p, 23 - t), kTolerance) << mode;
      }
    }
  }
}

// torch's cubic kernel, A = -0.75, halfway between two knots: A / 8 and 1 / 2 - A / 8.
TEST(Interpolation, CubicOvershootsAsItsKernelDoes) {
  Dense m = InterpolationBasis("cubic", 8, 4);  // step 1 is at knot 2.5
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
    Dense m = TrendBasis(kind, 3, 9);
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
    Dense m = TrendBasis(kind, 5, 11);
    for (int64_t p = 0; p <= 5; ++p) {
      EXPECT_NEAR(m.at(p, 10), 1, kTolerance) << kind;
      EXPECT_NEAR(m.at(p, 0), p % 2 == 0 ? 1 : -1, kTolerance) << kind;
    }
  }
  Dense chebyshev = TrendBasis("chebyshev", 4, 11);
  EXPECT_NEAR(chebyshev.at(4, 8), std::cos(4 * std::acos(0.6)), kTolerance);
  EXPECT_NEAR(Dense(TrendBasis("legendre", 2, 11)).at(2, 8), (3 * 0.36 - 1) / 2, kTolerance);
}

TEST(Trend, SplinesAndHatsAddUpToOne) {
  for (const char* kind : {"spline", "linear_hat"}) {
    for (int64_t degree : {3, 4, 7}) {
      Dense m = TrendBasis(kind, degree, 20);
      EXPECT_EQ(m.rows, degree + 1);
      for (int64_t t = 0; t < 20; ++t) EXPECT_NEAR(Sum(m, t), 1, kTolerance) << kind << degree;
      for (float v : m.values) EXPECT_GE(v, 0) << kind;
    }
  }
}

TEST(Trend, EveryKindIsFiniteAtEveryLength) {
  for (const std::string& kind : kTrendBases) {
    for (int64_t length : {1, 2, 3, 50}) {
      for (float v : Dense(TrendBasis(kind, 4, length)).values)
        EXPECT_TRUE(std::isfinite(v)) << kind;
    }
  }
}

TEST(Seasonality, CosinesThenSinesOfTheSameFrequencies) {
  for (double sign : {1.0, -1.0}) {
    Dense m = SeasonalityBasis(2, 8, 20, sign);
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

// A part of a matrix is that part of the whole: programs compute it by strips.
TEST(Bases, PartsAreThoseOfTheWhole) {
  for (const ConstMatrix& m : {TrendBasis("legendre", 3, 9), SeasonalityBasis(2, 6, 9, -1.0),
                               InterpolationTaps("cubic", 5, 9)}) {
    Dense whole = m;
    std::vector<float> part(6);
    m.Fill(1, 3, 0, 3, part.data());
    for (int64_t i = 0; i < 6; ++i) {
      EXPECT_EQ(part[static_cast<size_t>(i)], whole.at(1 + i / 3, i % 3));
    }
  }
}

// The memory of a model does not hold its bases once an output, nor one a step and a step.
TEST(Bases, AreAsLargeAsOneOutputNeedsThem) {
  for (int64_t outputs : {1, 19}) {
    Recorder g;
    const Tensor x = g.Input(Input::kInsampleY, {5 * outputs});
    const Tensor y =
        ApplyPerOutput(g, g.Reshape(x, {5, outputs}), TrendBasis("polynomial", 4, 720));
    EXPECT_EQ(g.size(y), 720 * outputs);
    const auto graph = g.Finish(y);
    int64_t constants = 0;
    for (const auto& op : graph->ops) {
      for (const PackRequest& pack : op->packs) constants += pack.size(ScalarKernels()).bytes;
    }
    EXPECT_LT(constants, 5 * 800 * 4);
  }
  const ConstMatrix taps = InterpolationTaps("cubic", 10000, 20000);
  EXPECT_EQ(taps.rows * taps.cols, 5 * 20000);
}

}  // namespace
}  // namespace nf
