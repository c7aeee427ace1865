#include "nn/basis.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <numbers>

#include "ops/const_linear.h"
#include "ops/transpose.h"
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

// One period of both waves, computed when it is first asked for: t f / (n h) of a turn is a whole
// number of its steps, whatever t and f.
struct Waves {
  std::once_flag once;
  std::vector<float> cosine, sine;

  void Fill(int64_t period) {
    std::call_once(once, [&] {
      for (int64_t i = 0; i < period; ++i) {
        const double angle =
            2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(period);
        cosine.push_back(static_cast<float>(std::cos(angle)));
        sine.push_back(static_cast<float>(std::sin(angle)));
      }
    });
  }
};

}  // namespace

const std::vector<std::string> kTrendBases = {"polynomial",  "legendre",         "chebyshev",
                                              "changepoint", "piecewise_linear", "linear_hat",
                                              "spline"};

ConstMatrix TrendBasis(const std::string& kind, int64_t degree, int64_t length) {
  const int64_t n = degree + 1;
  return {n, length, [=](int64_t p, int64_t begin, int64_t end, float* out) {
            for (int64_t t = begin; t < end; ++t) {
              *out++ = static_cast<float>(TrendValue(kind, p, n, t, length));
            }
          }};
}

ConstMatrix SeasonalityBasis(int64_t harmonics, int64_t horizon, int64_t length, double sign) {
  // Frequencies 0, n / n, (n + 1) / n ...: as many as lie below horizon / 2, and always the first.
  const int64_t n = harmonics, period = n * horizon;
  const int64_t count = 1 + std::max<int64_t>((period + 1) / 2 - n, 0);
  const auto waves = std::make_shared<Waves>();
  return {2 * count, length, [=](int64_t row, int64_t begin, int64_t end, float* out) {
            waves->Fill(period);
            const bool cosine = row < count;
            const std::vector<float>& wave = cosine ? waves->cosine : waves->sine;
            const float factor = cosine ? 1.0f : static_cast<float>(sign);
            const int64_t f = row % count, step = f == 0 ? 0 : n + f - 1;
            for (int64_t t = begin, at = t * step % period; t < end; ++t) {
              *out++ = factor * wave[static_cast<size_t>(at)];
              at += step;
              if (at >= period) at -= period;
            }
          }};
}

ConstMatrix InterpolationTaps(const std::string& mode, int64_t knots, int64_t length) {
  // In float, as torch computes its source positions: a double would round to other neighbours.
  const float ratio = static_cast<float>(knots) / static_cast<float>(length);
  const int64_t taps = std::min<int64_t>(knots, mode == "nearest" ? 1 : mode == "linear" ? 2 : 4);
  return {length, 1 + taps, [=](int64_t t, int64_t begin, int64_t end, float* out) {
            const float centre = (static_cast<float>(t) + 0.5f) * ratio - 0.5f;
            float w[4] = {1, 0, 0, 0};
            int64_t first;  // knot of w[0]; beyond the ends the last knot counts again
            if (mode == "nearest") {
              first = static_cast<int64_t>(std::floor(static_cast<float>(t) * ratio));
            } else if (mode == "linear") {
              const float source = std::max(centre, 0.0f);
              first = std::min(static_cast<int64_t>(source), knots - 1);
              w[1] = source - static_cast<float>(first);
              w[0] = 1.0f - w[1];
            } else {
              const float below = std::floor(centre);
              first = static_cast<int64_t>(below) - 1;
              CubicWeights(centre - below, w);
            }
            const int64_t start = std::clamp<int64_t>(first, 0, knots - taps);
            float row[5] = {static_cast<float>(start)};
            for (int64_t i = 0; i < 4; ++i) {
              row[1 + std::clamp<int64_t>(first + i, start, start + taps - 1) - start] += w[i];
            }
            std::copy(row + begin, row + end, out);
          }};
}

Tensor ApplyPerOutput(Recorder& g, Tensor x, const ConstMatrix& basis) {
  const Tensor y = ConstLinear(g, g.dims(x)[1] == 1 ? x : Transpose(g, x), basis);
  return g.dims(x)[1] == 1 ? y : Transpose(g, y);
}

}  // namespace nf
