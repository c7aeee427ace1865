#include "nn/basis.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "util/error.h"

namespace nf {
namespace {

// n points from lo to hi, both included.
double Linspace(double lo, double hi, int64_t n, int64_t i) {
  return n == 1 ? lo : lo + (hi - lo) * static_cast<double>(i) / static_cast<double>(n - 1);
}

// P_p(x) by the three-term recurrence.
double Legendre(int64_t p, double x) {
  double before = 1.0, now = x;
  if (p == 0) return before;
  for (int64_t k = 1; k < p; ++k) {
    const double next = ((2.0 * k + 1.0) * x * now - k * before) / (k + 1.0);
    before = now;
    now = next;
  }
  return now;
}

double Chebyshev(int64_t p, double x) {
  double before = 1.0, now = x;
  if (p == 0) return before;
  for (int64_t k = 1; k < p; ++k) {
    const double next = 2.0 * x * now - before;
    before = now;
    now = next;
  }
  return now;
}

// Cubic B-spline p on the clamped knots 0,0,0, linspace(0, 1, n - 2), 1,1,1 (Cox-de Boor).
double Spline(int64_t p, int64_t n, double x) {
  auto knot = [&](int64_t i) {
    return Linspace(0.0, 1.0, n - 2, std::clamp<int64_t>(i - 3, 0, n - 3));
  };
  double b[4];
  for (int64_t i = 0; i < 4; ++i) {
    const double left = knot(p + i), right = knot(p + i + 1);
    // x = 1 belongs to the last interval that is not empty.
    b[i] = (left <= x && x < right) || (x == 1.0 && left < right && right == 1.0) ? 1.0 : 0.0;
  }
  for (int64_t degree = 1; degree <= 3; ++degree) {
    for (int64_t i = 0; i + degree < 4; ++i) {
      const double a = knot(p + i), z = knot(p + i + degree);
      const double c = knot(p + i + 1), d = knot(p + i + degree + 1);
      const double up = z > a ? (x - a) / (z - a) * b[i] : 0.0;
      const double down = d > c ? (d - x) / (d - c) * b[i + 1] : 0.0;
      b[i] = up + down;
    }
  }
  return b[0];
}

// n functions on `length` points; function p at point t.
double TrendValue(const std::string& kind, int64_t p, int64_t n, int64_t t, int64_t length) {
  if (kind == "polynomial") {
    return std::pow(static_cast<double>(t) / static_cast<double>(length), static_cast<double>(p));
  }
  if (kind == "legendre") return Legendre(p, Linspace(-1.0, 1.0, length, t));
  if (kind == "chebyshev") return Chebyshev(p, Linspace(-1.0, 1.0, length, t));
  const double x = Linspace(0.0, 1.0, length, t);
  if (kind == "changepoint") return std::max(0.0, x - Linspace(0.0, 1.0, n + 1, p + 1));
  if (kind == "linear_hat") {
    return std::max(0.0, 1.0 - std::abs(x - Linspace(0.0, 1.0, n, p)) * static_cast<double>(n - 1));
  }
  if (kind == "piecewise_linear") {
    if (p == 0) return 0.0;  // the reference leaves the first function out
    auto knot = [&](int64_t i) { return Linspace(0.0, 1.0, n + 1, i); };
    return std::max(0.0, std::min((x - knot(p - 1)) / (knot(p) - knot(p - 1)),
                                  (knot(p + 1) - x) / (knot(p + 1) - knot(p))));
  }
  NF_CHECK(kind == "spline");
  return Spline(p, n, x);
}

// Weights of the four neighbours in torch's bicubic kernel (A = -0.75) at distance t past the
// second.
void CubicWeights(float t, float w[4]) {
  constexpr float a = -0.75f;
  auto near = [&](float x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  auto far = [&](float x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  w[0] = far(t + 1);
  w[1] = near(t);
  w[2] = near(1 - t);
  w[3] = far(2 - t);
}

}  // namespace

const std::vector<std::string> kTrendBases = {"polynomial",  "legendre",         "chebyshev",
                                              "changepoint", "piecewise_linear", "linear_hat",
                                              "spline"};

ConstMatrix TrendBasis(const std::string& kind, int64_t degree, int64_t length) {
  const int64_t n = degree + 1;
  ConstMatrix basis(n, length);
  for (int64_t p = 0; p < n; ++p) {
    for (int64_t t = 0; t < length; ++t) {
      basis.at(p, t) = static_cast<float>(TrendValue(kind, p, n, t, length));
    }
  }
  return basis;
}

ConstMatrix SeasonalityBasis(int64_t harmonics, int64_t horizon, int64_t length, double sign) {
  const double n = static_cast<double>(harmonics), h = static_cast<double>(horizon);
  std::vector<double> frequencies = {0.0};
  for (double f = n; f < n / 2.0 * h; f += 1.0) frequencies.push_back(f / n);
  const auto count = static_cast<int64_t>(frequencies.size());
  ConstMatrix basis(2 * count, length);
  for (int64_t f = 0; f < count; ++f) {
    for (int64_t t = 0; t < length; ++t) {
      const double angle = sign * 2.0 * std::numbers::pi * (static_cast<double>(t) / h) *
                           frequencies[static_cast<size_t>(f)];
      basis.at(f, t) = static_cast<float>(std::cos(angle));
      basis.at(count + f, t) = static_cast<float>(std::sin(angle));
    }
  }
  return basis;
}

ConstMatrix InterpolationBasis(const std::string& mode, int64_t knots, int64_t length) {
  ConstMatrix basis(knots, length);
  // In float, as torch computes its source positions: a double would round to other neighbours.
  const float ratio = static_cast<float>(knots) / static_cast<float>(length);
  for (int64_t t = 0; t < length; ++t) {
    const float centre = (static_cast<float>(t) + 0.5f) * ratio - 0.5f;
    if (mode == "nearest") {
      const auto k = static_cast<int64_t>(std::floor(static_cast<float>(t) * ratio));
      basis.at(std::min(k, knots - 1), t) = 1.0f;
    } else if (mode == "linear") {
      const float source = std::max(centre, 0.0f);
      const auto k = std::min(static_cast<int64_t>(source), knots - 1);
      const float part = source - static_cast<float>(k);
      basis.at(k, t) += 1.0f - part;
      basis.at(std::min(k + 1, knots - 1), t) += part;
    } else {
      const auto k = static_cast<int64_t>(std::floor(centre));
      float w[4];
      CubicWeights(centre - static_cast<float>(k), w);
      for (int64_t i = 0; i < 4; ++i) {
        basis.at(std::clamp<int64_t>(k - 1 + i, 0, knots - 1), t) += w[i];
      }
    }
  }
  return basis;
}

ConstMatrix PerOutput(const ConstMatrix& basis, int64_t outputs, bool basis_major) {
  const int64_t functions = basis.rows, length = basis.cols;
  ConstMatrix map(functions * outputs, length * outputs);
  for (int64_t p = 0; p < functions; ++p) {
    for (int64_t q = 0; q < outputs; ++q) {
      const int64_t row = basis_major ? p * outputs + q : q * functions + p;
      for (int64_t t = 0; t < length; ++t) {
        map.at(row, t * outputs + q) = basis.values[static_cast<size_t>(p * length + t)];
      }
    }
  }
  return map;
}

}  // namespace nf
