#include "engine/batch_source.h"

#include <algorithm>

namespace nf {

WindowSource::WindowSource(const Panel& panel, WindowShape shape, const LossConfig& loss)
    : panel_(panel), shape_(std::move(shape)), weight_of_first_(1, 0.0) {
  for (int64_t t = 0; t < shape_.horizon; ++t) {
    const double w =
        loss.horizon_weight.empty() ? 1.0 : loss.horizon_weight[static_cast<size_t>(t)];
    horizon_weight_.push_back(static_cast<float>(w));
    weight_of_first_.push_back(weight_of_first_.back() + w);
  }
}

double WindowSource::WeightOf(const Window& window) const {
  const int64_t end = panel_.length(window.series) - shape_.holdout;
  const int64_t steps = std::clamp<int64_t>(end - window.cut, 0, shape_.horizon);
  if (panel_.mask.empty()) return weight_of_first_[static_cast<size_t>(steps)];
  const int64_t base = panel_.offsets[static_cast<size_t>(window.series)] + window.cut;
  double sum = 0;
  for (int64_t t = 0; t < steps; ++t) {
    if (panel_.observed(base + t)) sum += horizon_weight_[static_cast<size_t>(t)];
  }
  return sum;
}

void WindowSource::Set(std::span<const Window> windows) {
  windows_ = windows;
  weight_sum_ = 0;
  for (const Window& window : windows) weight_sum_ += WeightOf(window);
}

void WindowSource::Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const {
  const int64_t horizon = shape_.horizon;
  for (int64_t r = 0; r < count; ++r) {
    WindowRow row = RowOf(shape_, to.inputs, r);
    row.outsample_y = to.target + r * horizon;
    row.outsample_mask = to.weight + r * horizon;
    const WindowScale scale =
        GatherWindow(panel_, shape_, windows_[static_cast<size_t>(first + r)], row, scratch);
    if (to.scale != nullptr) to.scale[r] = scale;
    for (int64_t t = 0; t < horizon; ++t) {
      row.outsample_mask[t] *= horizon_weight_[static_cast<size_t>(t)];
    }
  }
}

}  // namespace nf
