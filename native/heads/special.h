// Special functions in double precision that distributions need.
#ifndef NF_HEADS_SPECIAL_H_
#define NF_HEADS_SPECIAL_H_

#include <cmath>
#include <cstdint>
#include <functional>

#include "util/rng.h"

namespace nf {

// log Gamma(x) and its derivative, x > 0. The C library's lgamma writes a global sign.
double LogGamma(double x);
double Digamma(double x);

// Lower regularised incomplete gamma function, the CDF of a Gamma(a, 1); a > 0, x >= 0.
double GammaCdf(double a, double x);
// Regularised incomplete beta function I_x(a, b).
double BetaCdf(double a, double b, double x);
double NormalCdf(double x);
// 0 < u < 1.
double NormalQuantile(double u);

// Where an increasing function passes `u`, between low and high, within rounding.
double Solve(const std::function<double(double)>& f, double u, double low, double high);
// The least integer k >= 0 with f(k) >= u, of a CDF with this mean and deviation.
double SolveCount(const std::function<double(double)>& f, double u, double mean, double deviation);

// Uniform in (0, 1): 32 bits, and half of one more.
inline double OpenUniform(Philox& random) {
  return (static_cast<double>(random.NextU32()) + 0.5) * 0x1p-32;
}

// log(1 + e^x) and its slope.
inline double SoftPlus(double x) { return x > 30 ? x : std::log1p(std::exp(x)); }
inline double Logistic(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

}  // namespace nf

#endif  // NF_HEADS_SPECIAL_H_
