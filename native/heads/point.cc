// Losses that are sums of a kernel's points: the point losses and those of one or more quantiles.
#include <algorithm>
#include <cmath>
#include <vector>

#include "heads/points.h"
#include "util/error.h"

namespace nf {
namespace {

class PointHead final : public Head {
 public:
  explicit PointHead(const LossConfig& config)
      : kind_(config.kind()),
        root_(config.name == "RMSE"),
        delta_(static_cast<float>(config.delta)),
        outputs_(config.outputs()),
        ascending_(config.Ascending()) {
    for (double q : config.OutputQuantiles()) quantiles_.push_back(static_cast<float>(q));
  }
  int64_t width() const override { return outputs_; }

  double Loss(const KernelTable& kernels, const LossRows& rows) const override {
    LossArgs args = PointsOf(rows, kind_);
    args.delta = delta_;
    args.quantiles = quantiles_.data();
    args.outputs = static_cast<size_t>(outputs_);
    return kernels.loss.loss(args);
  }

  bool has_factor() const override { return root_; }
  Result Of(double sum, double benchmark, double weights) const override {
    Result result = Head::Of(sum, benchmark, weights);
    if (!root_) return result;
    result.loss = std::sqrt(result.loss);
    result.grad_scale = result.loss > 0 ? static_cast<float>(0.5 / result.loss) : 0.0f;
    return result;
  }

  void Values(const float* raw, int64_t steps, int64_t stride, ScalerType scaler, WindowScale scale,
              const Asked&, int64_t, const float*, double* out) const override {
    UnscaleSteps(scaler, scale, raw, steps, stride, outputs_, out);
    if (ascending_.empty()) return;
    for (int64_t t = 0; t < steps; ++t, out += outputs_) SortQuantiles(ascending_, out);
  }

 private:
  const LossKind kind_;
  const bool root_;
  const float delta_;
  const int64_t outputs_;
  std::vector<float> quantiles_;
  const std::vector<int32_t> ascending_;
};

}  // namespace

std::unique_ptr<Head> MakePointHead(const LossConfig& config) {
  return std::make_unique<PointHead>(config);
}

double Head::Draw(const float*, WindowScale, Philox&) const {
  Fail(ErrorCode::kInternal, "a draw was asked of a loss without a distribution");
}

// By insertion: there are few, and next to nothing to move.
void SortQuantiles(std::span<const int32_t> ascending, double* values) {
  for (size_t i = 1; i < ascending.size(); ++i) {
    const double value = values[ascending[i]];
    size_t at = i;
    for (; at > 0 && values[ascending[at - 1]] > value; --at) {
      values[ascending[at]] = values[ascending[at - 1]];
    }
    values[ascending[at]] = value;
  }
}

}  // namespace nf
