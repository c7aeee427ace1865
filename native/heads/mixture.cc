// Mixtures of one kind of distribution (Olivares et al., 2021): PMM, GMM, NBMM.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "heads/distribution.h"
#include "heads/special.h"
#include "util/error.h"

namespace nf {
namespace {

constexpr int64_t kMostParameters = 4;  // of a component

class Mixture final : public Distribution {
 public:
  Mixture(std::unique_ptr<const Distribution> component, int64_t components, bool weighted)
      : component_(std::move(component)), components_(components), weighted_(weighted) {
    NF_CHECK(component_->width() <= kMostParameters);
  }
  int64_t width() const override {
    return (component_->width() + (weighted_ ? 1 : 0)) * components_;
  }
  Support support() const override { return component_->support(); }

  // With r the share of each component in the density at y: the gradient of a component's
  // parameters is r times that of its own loss, that of the logits softmax(logits) - r.
  double Loss(const double* raw, double y, Anchor a, double* grad) const override {
    const int64_t parameters = component_->width();
    double* const shares = grad + parameters * components_;  // where there are logits
    double most = -INFINITY, sum = 0;
    std::array<double, kMostParameters> own, slope;
    const double norm = LogNorm(raw);
    // A first walk finds the density, a second one the shares in it.
    for (int64_t k = 0; k < components_; ++k) {
      Component(raw, k, own.data());
      const double log_density =
          LogWeight(raw, k, norm) - component_->Loss(own.data(), y, a, slope.data());
      const double before = most;
      most = std::max(most, log_density);
      sum = sum * (before == most ? 1 : std::exp(before - most)) + std::exp(log_density - most);
    }
    const double log_density = most + std::log(sum);
    for (int64_t k = 0; k < components_; ++k) {
      Component(raw, k, own.data());
      const double weight = LogWeight(raw, k, norm);
      const double share =
          std::exp(weight - component_->Loss(own.data(), y, a, slope.data()) - log_density);
      for (int64_t p = 0; p < parameters; ++p)
        grad[p * components_ + k] = share * slope[static_cast<size_t>(p)];
      if (weighted_) shares[k] = std::exp(weight) - share;
    }
    return -log_density;
  }

  double Mean(const double* raw, Anchor a) const override {
    return Sum(raw, [&](const double* own) { return component_->Mean(own, a); });
  }
  double Cdf(const double* raw, Anchor a, double y) const override {
    return Sum(raw, [&](const double* own) { return component_->Cdf(own, a, y); });
  }
  // Between the least and the largest of the components' quantiles.
  double Quantile(const double* raw, Anchor a, double u) const override {
    double low = INFINITY, high = -INFINITY;
    std::array<double, kMostParameters> own;
    for (int64_t k = 0; k < components_; ++k) {
      Component(raw, k, own.data());
      const double quantile = component_->Quantile(own.data(), a, u);
      low = std::min(low, quantile), high = std::max(high, quantile);
    }
    if (low == high) return low;
    const auto cdf = [&](double y) { return Cdf(raw, a, y); };
    if (component_->support() == Support::kReal) return Solve(cdf, u, low, high);
    return SolveCount(cdf, u, low, high - low);
  }

  // The component that u falls on, then what is left of u within its weight.
  double Sample(const double* raw, Anchor a, double u) const override {
    const double norm = LogNorm(raw);
    double left = u, weight = 1;
    int64_t k = 0;
    for (; k < components_; ++k) {
      weight = std::exp(LogWeight(raw, k, norm));
      if (left < weight || k + 1 == components_) break;
      left -= weight;
    }
    std::array<double, kMostParameters> own;
    Component(raw, k, own.data());
    constexpr double kLeast = 0x1p-40;  // a weight that is next to none leaves no digits
    return component_->Quantile(own.data(), a, std::clamp(left / weight, kLeast, 1 - kLeast));
  }

 private:
  void Component(const double* raw, int64_t k, double* own) const {
    for (int64_t p = 0; p < component_->width(); ++p) own[p] = raw[p * components_ + k];
  }
  const double* Logits(const double* raw) const { return raw + component_->width() * components_; }
  // log of the sum that a softmax divides by.
  double LogNorm(const double* raw) const {
    if (!weighted_) return std::log(static_cast<double>(components_));
    const double* logits = Logits(raw);
    const double most = *std::max_element(logits, logits + components_);
    double sum = 0;
    for (int64_t k = 0; k < components_; ++k) sum += std::exp(logits[k] - most);
    return most + std::log(sum);
  }
  double LogWeight(const double* raw, int64_t k, double norm) const {
    return (weighted_ ? Logits(raw)[k] : 0) - norm;
  }
  template <class Of>
  double Sum(const double* raw, const Of& of) const {
    const double norm = LogNorm(raw);
    std::array<double, kMostParameters> own;
    double sum = 0;
    for (int64_t k = 0; k < components_; ++k) {
      Component(raw, k, own.data());
      sum += std::exp(LogWeight(raw, k, norm)) * of(own.data());
    }
    return sum;
  }

  const std::unique_ptr<const Distribution> component_;
  const int64_t components_;
  const bool weighted_;
};

}  // namespace

std::unique_ptr<const Distribution> MakeMixture(std::unique_ptr<const Distribution> component,
                                                int64_t components, bool weighted) {
  return std::make_unique<Mixture>(std::move(component), components, weighted);
}

}  // namespace nf
