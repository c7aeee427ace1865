// Poisson distribution: raw output [rate].
#include "heads/poisson.h"

#include <cmath>

#include "heads/special.h"

namespace nf {
namespace {

class Poisson final : public Distribution {
 public:
  explicit Poisson(double least) : least_(least) {}
  int64_t width() const override { return 1; }
  Support support() const override { return Support::kNonNegative; }

  double Loss(const double* raw, double y, Anchor a, double* grad) const override {
    const double x = raw[0] * a.scale + a.loc, rate = SoftPlus(x) + least_;
    grad[0] = (1 - y / rate) * Logistic(x) * a.scale;
    return rate - y * std::log(rate) + LogGamma(y + 1);
  }

  double Mean(const double* raw, Anchor a) const override {
    return SoftPlus(raw[0] * a.scale + a.loc) + least_;
  }
  double Quantile(const double* raw, Anchor a, double u) const override {
    const double rate = Mean(raw, a);
    return SolveCount([&](double k) { return Cdf(raw, a, k); }, u, rate, std::sqrt(rate));
  }
  double Cdf(const double* raw, Anchor a, double y) const override {
    return y < 0 ? 0 : 1 - GammaCdf(std::floor(y) + 1, Mean(raw, a));
  }

 private:
  const double least_;
};

}  // namespace

std::unique_ptr<const Distribution> MakePoisson(double least) {
  return std::make_unique<Poisson>(least);
}

std::unique_ptr<const Distribution> MakePoisson(const LossConfig&) { return MakePoisson(1e-10); }

}  // namespace nf
