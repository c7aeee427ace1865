// Student's t: raw outputs [degrees of freedom, mean, scale].
#include <algorithm>
#include <cmath>

#include "heads/distribution.h"
#include "heads/special.h"

namespace nf {
namespace {

class StudentT final : public Distribution {
 public:
  int64_t width() const override { return 3; }

  double Loss(const double* raw, double y, Anchor a, double* grad) const override {
    const double df = Freedom(raw), s = Scale(raw, a), e = (y - Mean(raw, a)) / s;
    const double u = e * e / df, share = u / (1 + u);
    grad[0] = 0.5 * (1 / df + Digamma(0.5 * df) - Digamma(0.5 * (df + 1)) + std::log1p(u) -
                     (df + 1) / df * share);
    grad[0] *= Logistic(raw[0]);
    grad[1] = -(df + 1) * e / (df * s * (1 + u)) * a.scale;
    grad[2] = (1 - (df + 1) * share) / s * a.scale * Logistic(raw[2]);
    return std::log(s) + 0.5 * std::log(df) + 0.57236494292470008707 +  // 0.5 log(pi)
           LogGamma(0.5 * df) - LogGamma(0.5 * (df + 1)) + 0.5 * (df + 1) * std::log1p(u);
  }

  double Mean(const double* raw, Anchor a) const override { return raw[1] * a.scale + a.loc; }
  double Quantile(const double* raw, Anchor a, double u) const override {
    return Mean(raw, a) + Scale(raw, a) * StandardQuantile(Freedom(raw), u);
  }
  double Cdf(const double* raw, Anchor a, double y) const override {
    return StandardCdf(Freedom(raw), (y - Mean(raw, a)) / Scale(raw, a));
  }

 private:
  static double Freedom(const double* raw) { return 3 + SoftPlus(raw[0]); }
  static double Scale(const double* raw, Anchor a) { return (SoftPlus(raw[2]) + 0.1) * a.scale; }

  static double StandardCdf(double df, double t) {
    const double tail = 0.5 * BetaCdf(0.5 * df, 0.5, df / (df + t * t));
    return t < 0 ? tail : 1 - tail;
  }

  // Newton's steps from the quantile of a normal distribution widened to the same variance, in the
  // lower half, where no digit of the tail is lost; df >= 3, so that there is one.
  static double StandardQuantile(double df, double u) {
    if (u > 0.5) return -StandardQuantile(df, 1 - u);
    if (u == 0.5) return 0;
    const double constant =
        LogGamma(0.5 * (df + 1)) - LogGamma(0.5 * df) - 0.5 * std::log(df) - 0.57236494292470008707;
    double t = NormalQuantile(u) * std::sqrt(df / (df - 2));
    for (int i = 0; i < 60; ++i) {
      const double density = std::exp(constant - 0.5 * (df + 1) * std::log1p(t * t / df));
      // On the log of the CDF, which is concave: a plain step leaves the tail.
      const double cdf = StandardCdf(df, t);
      const double step = (std::log(cdf) - std::log(u)) * cdf / density;
      t = std::min(t - step, 0.0);
      if (std::abs(step) <= 1e-14 * (1 + std::abs(t))) break;
    }
    return t;
  }
};

}  // namespace

std::unique_ptr<const Distribution> MakeStudentT(const LossConfig&) {
  return std::make_unique<StudentT>();
}

}  // namespace nf
