// Negative binomial distribution: raw outputs [mean, dispersion], 1 / dispersion failures.
#include "heads/negative_binomial.h"

#include <algorithm>
#include <cmath>

#include "heads/special.h"

namespace nf {
namespace {

class NegativeBinomial final : public Distribution {
 public:
  explicit NegativeBinomial(MeanAnchor anchor) : anchor_(anchor) {}
  int64_t width() const override { return 2; }
  Support support() const override { return Support::kNonNegative; }

  double Loss(const double* raw, double y, Anchor a, double* grad) const override {
    const Parameters p = Of(raw, a);
    // d loss / d count and / d odds-like product mean * dispersion.
    const double by_count = Digamma(p.count) - Digamma(p.count + y) - std::log1p(-p.probability);
    const double by_probability = p.clamped ? 0 : p.count / (1 - p.probability) - y / p.probability;
    const double product = p.mean * p.dispersion;
    const double by_product = by_probability / ((1 + product) * (1 + product));
    grad[0] = by_product * p.dispersion * p.mean_slope * Logistic(raw[0]);
    grad[1] = (by_product * p.mean - by_count * p.count * p.count) * p.dispersion_slope *
              Logistic(raw[1]);
    return LogGamma(1 + y) + LogGamma(p.count) - LogGamma(p.count + y) -
           p.count * std::log1p(-p.probability) - y * std::log(p.probability);
  }

  double Mean(const double* raw, Anchor a) const override {
    const Parameters p = Of(raw, a);
    return p.count * p.probability / (1 - p.probability);
  }
  double Quantile(const double* raw, Anchor a, double u) const override {
    const Parameters p = Of(raw, a);
    const double mean = p.count * p.probability / (1 - p.probability);
    return SolveCount([&](double k) { return Cdf(p, k); }, u, mean,
                      std::sqrt(mean / (1 - p.probability)));
  }
  double Cdf(const double* raw, Anchor a, double y) const override { return Cdf(Of(raw, a), y); }

 private:
  struct Parameters {
    double mean, dispersion;              // anchored
    double mean_slope, dispersion_slope;  // of the anchoring
    double count, probability;
    bool clamped;
  };

  Parameters Of(const double* raw, Anchor a) const {
    // Windows that are not scaled have the location 0: NBMM's product would leave nothing of the
    // mean, so there the anchor is 1.
    const bool times = anchor_ == MeanAnchor::kTimesLoc;
    const double by = times ? (a.loc > 0 ? a.loc : 1) : a.scale;
    Parameters p;
    p.mean_slope = by;
    p.dispersion_slope = 1 / (by + 1);
    p.mean = (SoftPlus(raw[0]) + 1e-8) * by + (times ? 0 : a.loc);
    p.dispersion = (SoftPlus(raw[1]) + 1e-8) * p.dispersion_slope;
    p.count = 1 / p.dispersion;
    // As torch clamps probabilities before it takes their logits.
    constexpr double kEpsilon = 1.1920928955078125e-7;
    const double product = p.mean * p.dispersion, probability = product / (1 + product) + 1e-8;
    p.probability = std::clamp(probability, kEpsilon, 1 - kEpsilon);
    p.clamped = p.probability != probability;
    return p;
  }

  static double Cdf(const Parameters& p, double y) {
    return y < 0 ? 0 : BetaCdf(p.count, std::floor(y) + 1, 1 - p.probability);
  }

  const MeanAnchor anchor_;
};

}  // namespace

std::unique_ptr<const Distribution> MakeNegativeBinomial(MeanAnchor anchor) {
  return std::make_unique<NegativeBinomial>(anchor);
}

std::unique_ptr<const Distribution> MakeNegativeBinomial(const LossConfig&) {
  return MakeNegativeBinomial(MeanAnchor::kAffine);
}

}  // namespace nf
