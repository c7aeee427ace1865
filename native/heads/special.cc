#include "heads/special.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>

namespace nf {
namespace {

// Beyond it the series in 1 / x^2 below is exact to rounding.
constexpr double kLarge = 10;
// From it on the incomplete gamma function is its uniform expansion (Temme, 1979): Eigen's sums
// stop before they have converged, which put upper quantiles of a Poisson of mean 1e7 at its mean.
constexpr double kLargeShape = 1e5;

// log(1 + x) - x, |x| small beside 1: the terms that are left.
double LogLess(double x) {
  if (std::abs(x) > 0.01) return std::log1p(x) - x;
  double sum = 0;
  for (int k = 9; k >= 2; --k) sum = sum * x + (k % 2 == 0 ? -1.0 : 1.0) / k;
  return sum * x * x;
}

double LargeGammaCdf(double a, double x) {
  const double mu = (x - a) / a, half = -LogLess(mu);  // eta^2 / 2
  if (!(a * half < 700)) return mu < 0 ? 0 : 1;
  const double eta = std::copysign(std::sqrt(2 * half), mu);
  const double c0 =
      -1.0 / 3 + eta * (1.0 / 12 + eta * (-2.0 / 135 + eta * (1.0 / 864 + eta / 2835)));
  const double c1 = -1.0 / 540 + eta * (-1.0 / 288);
  return 0.5 * std::erfc(-eta * std::sqrt(a / 2)) -
         std::exp(-a * half) / std::sqrt(6.28318530717958647692 * a) * (c0 + c1 / a);
}

}  // namespace

double LogGamma(double x) {
  double product = 1;
  for (; x < kLarge; ++x) product *= x;
  const double z = 1 / (x * x);
  // Stirling's series.
  const double series =
      (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188))))) / x;
  return (x - 0.5) * std::log(x) - x + 0.91893853320467274178 + series - std::log(product);
}

double Digamma(double x) {
  double sum = 0;
  for (; x < kLarge; ++x) sum += 1 / x;
  const double z = 1 / (x * x);
  const double series =
      z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132)))));
  return std::log(x) - 0.5 / x - series - sum;
}

double GammaCdf(double a, double x) {
  if (x <= 0) return 0;
  if (a >= kLargeShape) return LargeGammaCdf(a, x);
  return Eigen::numext::igamma(a, x);
}

double BetaCdf(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return Eigen::numext::betainc(a, b, x);
}

double NormalCdf(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }

double NormalQuantile(double u) { return Eigen::numext::ndtri(u); }

double Solve(const std::function<double(double)>& f, double u, double low, double high) {
  double below = f(low) - u, above = f(high) - u;
  if (below >= 0) return low;
  // False position, halving the value of an end that stays (Illinois): a dozen steps where
  // bisection takes fifty.
  int stayed = 0;
  while (high - low > 1e-14 * std::max(std::abs(low), std::abs(high))) {
    double x = low - below * (high - low) / (above - below);
    if (!(low < x && x < high)) x = low + 0.5 * (high - low);
    if (!(low < x && x < high)) break;
    const double value = f(x) - u;
    if (std::abs(value) < 1e-15) return x;
    if (value < 0) {
      low = x, below = value;
      if (stayed > 0) above *= 0.5;
      stayed = 1;
    } else {
      high = x, above = value;
      if (stayed < 0) below *= 0.5;
      stayed = -1;
    }
  }
  return high;
}

double SolveCount(const std::function<double(double)>& f, double u, double mean, double deviation) {
  // Above it, from a first guess outwards; then between the two bounds.
  double step = std::max(1.0, std::floor(deviation));
  double low = -1, high = std::max(0.0, std::floor(mean));
  while (f(high) < u && high < 1e15) low = high, high += step, step *= 2;
  while (high - low > 1) {
    const double middle = std::floor(0.5 * (low + high));
    (f(middle) < u ? low : high) = middle;
  }
  return high;
}

}  // namespace nf
