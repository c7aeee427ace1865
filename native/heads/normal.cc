// Normal distribution: raw outputs [mean, deviation].
#include <cmath>

#include "heads/distribution.h"
#include "heads/special.h"

namespace nf {
namespace {

class Normal final : public Distribution {
 public:
  int64_t width() const override { return 2; }

  double Loss(const double* raw, double y, Anchor a, double* grad) const override {
    const double deviation = Deviation(raw, a), e = (y - Mean(raw, a)) / deviation;
    grad[0] = -e / deviation * a.scale;
    grad[1] = (1 - e * e) / deviation * a.scale * Logistic(raw[1]);
    return 0.5 * e * e + std::log(deviation) + 0.91893853320467274178;  // 0.5 log(2 pi)
  }

  double Mean(const double* raw, Anchor a) const override { return raw[0] * a.scale + a.loc; }
  double Quantile(const double* raw, Anchor a, double u) const override {
    return Mean(raw, a) + Deviation(raw, a) * NormalQuantile(u);
  }
  double Cdf(const double* raw, Anchor a, double y) const override {
    return NormalCdf((y - Mean(raw, a)) / Deviation(raw, a));
  }

 private:
  static double Deviation(const double* raw, Anchor a) {
    return (SoftPlus(raw[1]) + 0.2) * a.scale;
  }
};

}  // namespace

std::unique_ptr<const Distribution> MakeNormal(const LossConfig&) {
  return std::make_unique<Normal>();
}

}  // namespace nf
