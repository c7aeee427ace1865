// Bernoulli distribution, of a series of zeros and ones: raw output [logit]. Nothing is anchored.
#include <cmath>

#include "heads/distribution.h"
#include "heads/special.h"

namespace nf {
namespace {

class Bernoulli final : public Distribution {
 public:
  int64_t width() const override { return 1; }
  Support support() const override { return Support::kBinary; }

  double Loss(const double* raw, double y, Anchor, double* grad) const override {
    grad[0] = Logistic(raw[0]) - y;
    return SoftPlus(raw[0]) - y * raw[0];
  }
  double Mean(const double* raw, Anchor) const override { return Logistic(raw[0]); }
  double Quantile(const double* raw, Anchor, double u) const override {
    return u <= 1 - Logistic(raw[0]) ? 0 : 1;
  }
  double Cdf(const double* raw, Anchor, double y) const override {
    return y < 0 ? 0 : y < 1 ? 1 - Logistic(raw[0]) : 1;
  }
};

}  // namespace

std::unique_ptr<const Distribution> MakeBernoulli(const LossConfig&) {
  return std::make_unique<Bernoulli>();
}

}  // namespace nf
