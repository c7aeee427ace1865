// Tweedie distribution of power 1 < rho < 2 and dispersion 1 (Jorgensen, 1987), a sum of a Poisson
// number of gamma variables: nothing at all with a probability of its own, else any positive value.
// Raw output [log of the mean over the window's location].
#include <algorithm>
#include <cmath>

#include "heads/distribution.h"
#include "heads/loss.h"
#include "heads/special.h"

namespace nf {
namespace {

class Tweedie final : public Distribution {
 public:
  explicit Tweedie(double rho) : rho_(rho) {}
  int64_t width() const override { return 1; }
  Support support() const override { return Support::kNonNegative; }

  // Without the terms that the mean has no part in, as in the reference.
  double Loss(const double* raw, double y, Anchor a, double* grad) const override {
    double slope;
    const double log_mean = LogMean(raw, a, &slope);
    const double near = std::exp((1 - rho_) * log_mean), far = std::exp((2 - rho_) * log_mean);
    grad[0] = (far - y * near) * slope;
    return far / (2 - rho_) - y * near / (1 - rho_);
  }
  double Mean(const double* raw, Anchor a) const override {
    double slope;
    return std::exp(LogMean(raw, a, &slope));
  }
  double Quantile(const double* raw, Anchor a, double u) const override {
    if (u <= Cdf(raw, a, 0)) return 0;
    double high = std::max(Mean(raw, a), 1e-300);
    while (Cdf(raw, a, high) < u && high < 1e300) high *= 2;
    return Solve([&](double y) { return Cdf(raw, a, y); }, u, 0, high);
  }
  double Cdf(const double* raw, Anchor a, double y) const override {
    if (y < 0) return 0;
    const double mean = Mean(raw, a);
    const double events = std::pow(mean, 2 - rho_) / (2 - rho_);
    const double shape = (2 - rho_) / (rho_ - 1), rate = std::pow(mean, 1 - rho_) / (rho_ - 1);
    double sum = std::exp(-events);
    if (y == 0) return sum;
    // Terms of the number of events within reach of its mean.
    const double reach = 10 * std::sqrt(events) + 30;
    const double first = std::max(1.0, std::floor(events - reach));
    for (double n = first; n < events + reach; ++n) {
      sum +=
          std::exp(n * std::log(events) - events - LogGamma(n + 1)) * GammaCdf(n * shape, rate * y);
    }
    return std::min(sum, 1.0);
  }

 private:
  // The raw output and the log of the location or, where that is 0 or below, of the scale. The
  // reference's goes through a softplus first and is kept above 0: no mean of its lies below 1, or
  // below its location. `slope`: of the result with respect to the raw output.
  static double LogMean(const double* raw, Anchor a, double* slope) {
    constexpr double kMost = 37;
    const double own = raw[0] + std::log(a.loc > 0 ? a.loc : a.scale);
    *slope = std::abs(own) <= kMost ? 1 : 0;
    return std::clamp(own, -kMost, kMost);
  }

  const double rho_;
};

}  // namespace

std::unique_ptr<const Distribution> MakeTweedie(const LossConfig& config) {
  return std::make_unique<Tweedie>(config.rho);
}

}  // namespace nf
