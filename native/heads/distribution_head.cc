// The head of a distribution: trained by its likelihood at the targets in the unit of y, read by
// its mean, its quantiles and samples of it.
#include <cmath>
#include <cstdio>
#include <vector>

#include "heads/distribution.h"
#include "heads/head.h"
#include "heads/special.h"
#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

class DistributionHead final : public Head {
 public:
  explicit DistributionHead(const LossConfig& config)
      : name_(config.name == "DistributionLoss" ? config.distribution : config.name),
        distribution_(MakeDistribution(config)),
        width_(distribution_->width()) {}

  int64_t width() const override { return width_; }
  // Counts are given as they are, so that they stay whole numbers; the others keep their digits
  // however large they are beside their scale.
  TargetUnit target_unit() const override {
    return distribution_->support() == Support::kReal ? TargetUnit::kStandard
                                                      : TargetUnit::kOriginal;
  }
  LossPorts ports() const override { return {.anchor = true}; }
  bool any_quantile() const override { return true; }
  bool distribution() const override { return true; }

  double Loss(const KernelTable&, const LossRows& rows) const override {
    thread_local std::vector<double> memory;
    memory.resize(static_cast<size_t>(2 * width_));
    double *const raw = memory.data(), *const grad = raw + width_;
    const bool standard = target_unit() == TargetUnit::kStandard;
    double sum = 0;
    for (int64_t i = 0; i < rows.rows * rows.points; ++i) {
      const auto weight = static_cast<double>(rows.weight[i]);
      float* const to = rows.grad == nullptr ? nullptr : rows.grad + i * width_;
      if (weight == 0) {
        if (to != nullptr) std::fill_n(to, width_, 0.0f);
        continue;
      }
      for (int64_t p = 0; p < width_; ++p) raw[p] = static_cast<double>(rows.raw[i * width_ + p]);
      const int64_t window = i / rows.points * rows.series + i % rows.points % rows.series;
      const Anchor anchor{static_cast<double>(rows.loc[window]),
                          static_cast<double>(rows.scale[window])};
      const auto target = static_cast<double>(rows.target[i]);
      sum +=
          weight * distribution_->Loss(raw, standard ? anchor.loc + anchor.scale * target : target,
                                       anchor, grad);
      if (to == nullptr) continue;
      const double factor = weight * static_cast<double>(rows.grad_scale);
      for (int64_t p = 0; p < width_; ++p) to[p] = static_cast<float>(factor * grad[p]);
    }
    return sum;
  }

  void CheckTargets(const Panel& panel, std::span<const std::string> names,
                    const std::string& what) const override {
    const Support support = distribution_->support();
    if (support == Support::kReal) return;
    for (int64_t s = 0; s < panel.num_series(); ++s) {
      const int64_t begin = panel.offsets[static_cast<size_t>(s)];
      for (int64_t row = begin; row < begin + panel.length(s); ++row) {
        const double y = panel.y[row];
        const bool fits = support == Support::kBinary ? y == 0 || y == 1 : y >= 0;
        if (fits || !panel.observed(row)) continue;
        char number[32];
        std::snprintf(number, sizeof number, "%.6g", y);
        Fail(ErrorCode::kOutOfRange,
             what + ": a " + name_ + " distribution takes " +
                 (support == Support::kBinary ? "0 and 1" : "values >= 0") + " alone, and " +
                 SeriesName(names, s) + " has " + number + " at row " +
                 std::to_string(row - begin) +
                 ": choose another distribution, such as StudentT, and no localScalerType");
      }
    }
  }

  // The scaler's own transforms beyond location and scale (asinh, the range -1 to 1) are of the
  // inputs alone.
  void Values(const float* raw, int64_t steps, int64_t stride, ScalerType, WindowScale scale,
              const Asked& asked, int64_t row, const float*, double* out) const override {
    const Anchor anchor{scale.loc, scale.scale};
    Philox random(asked.seed, RngStream::kSamples, asked.first_row + static_cast<uint64_t>(row), 0);
    thread_local std::vector<double> own;
    own.resize(static_cast<size_t>(width_));
    for (int64_t t = 0; t < steps; ++t, raw += stride) {
      for (int64_t p = 0; p < width_; ++p)
        own[static_cast<size_t>(p)] = static_cast<double>(raw[p]);
      for (const Output& output : asked.outputs)
        *out++ = output ? distribution_->Quantile(own.data(), anchor, *output)
                        : distribution_->Mean(own.data(), anchor);
      for (int64_t i = 0; i < asked.samples; ++i) {
        *out++ = distribution_->Sample(own.data(), anchor, OpenUniform(random));
      }
    }
  }

  double Draw(const float* raw, WindowScale scale, Philox& random) const override {
    thread_local std::vector<double> own;
    own.assign(raw, raw + width_);
    return distribution_->Sample(own.data(), {scale.loc, scale.scale}, OpenUniform(random));
  }

 private:
  const std::string name_;
  const std::unique_ptr<const Distribution> distribution_;
  const int64_t width_;
};

}  // namespace

std::unique_ptr<Head> MakeDistributionHead(const LossConfig& config) {
  return std::make_unique<DistributionHead>(config);
}

}  // namespace nf
