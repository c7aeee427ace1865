// The distributions that a forecast can be: what a model's raw outputs for one step mean.
//
// As in NeuralForecast the parameters are anchored at the location and the scale that the window
// was scaled by (`scale_decouple`), so that the loss and the quantiles are in the unit of y
// whatever the scaler.
#ifndef NF_HEADS_DISTRIBUTION_H_
#define NF_HEADS_DISTRIBUTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nf {

struct LossConfig;

// y = loc + scale * z for the z that a model sees.
struct Anchor {
  double loc = 0, scale = 1;
};

// Which values of y a distribution can give.
enum class Support : uint8_t { kReal, kNonNegative, kBinary };

class Distribution {
 public:
  virtual ~Distribution() = default;
  virtual int64_t width() const = 0;  // raw outputs of a step
  virtual Support support() const { return Support::kReal; }
  // -log p(y), and into `grad` its gradient with respect to the raw outputs.
  virtual double Loss(const double* raw, double y, Anchor a, double* grad) const = 0;
  virtual double Mean(const double* raw, Anchor a) const = 0;
  // 0 < u < 1; exact. Of a discrete distribution the least value whose CDF reaches u.
  virtual double Quantile(const double* raw, Anchor a, double u) const = 0;
  virtual double Cdf(const double* raw, Anchor a, double y) const = 0;
  // A draw, from one that is uniform in (0, 1).
  virtual double Sample(const double* raw, Anchor a, double u) const { return Quantile(raw, a, u); }
};

// As `distribution` of a DistributionLoss names it, or as PMM, GMM and NBMM are.
std::unique_ptr<const Distribution> MakeDistribution(const LossConfig& config);
// "Normal" "StudentT" ...
std::vector<std::string> DistributionNames();

// A mixture of `components` of a kind whose parameters each have one value a component, by
// parameter: [width, components], and where they are weighted the logits of the weights behind.
std::unique_ptr<const Distribution> MakeMixture(std::unique_ptr<const Distribution> component,
                                                int64_t components, bool weighted);

#define NF_DISTRIBUTION(Name) std::unique_ptr<const Distribution> Make##Name(const LossConfig&);
#include "heads/distributions.inc"
#undef NF_DISTRIBUTION

}  // namespace nf

#endif  // NF_HEADS_DISTRIBUTION_H_
