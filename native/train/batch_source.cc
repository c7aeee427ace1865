#include "train/batch_source.h"

#include <algorithm>

namespace nf {

WindowShape ShapeOf(const Model& model, const Panel& panel, int64_t holdout) {
  const ModelConfig& c = model.config();
  WindowShape shape;
  shape.input_size = c.input_size;
  shape.horizon = c.horizon;
  shape.historic = FindColumns(panel.historic_names, c.historic_exog, "historicExog");
  shape.future = FindColumns(panel.future_names, c.future_exog, "futureExog");
  shape.statics = FindColumns(panel.static_names, c.static_exog, "staticExog");
  shape.holdout = holdout;
  shape.scaler = ParseScaler(c.scaler_type);
  return shape;
}

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
  const auto lookback = shape_.input_size, horizon = shape_.horizon;
  const auto num_historic = static_cast<int64_t>(shape_.historic.size());
  const auto num_future = static_cast<int64_t>(shape_.future.size());
  const auto num_static = static_cast<int64_t>(shape_.statics.size());
  auto at = [&](Input kind, int64_t row, int64_t size) {
    float* base = to.inputs[static_cast<size_t>(kind)];
    return base == nullptr ? nullptr : base + row * size;
  };
  for (int64_t r = 0; r < count; ++r) {
    WindowRow row;
    row.insample_y = at(Input::kInsampleY, r, lookback);
    row.insample_mask = at(Input::kInsampleMask, r, lookback);
    row.historic = at(Input::kHistoric, r, lookback * num_historic);
    row.future = at(Input::kFuture, r, (lookback + horizon) * num_future);
    row.statics = at(Input::kStatic, r, num_static);
    row.outsample_y = to.target + r * horizon;
    row.outsample_mask = to.weight + r * horizon;
    const WindowScale scale = GatherWindow(panel_, shape_, windows_[static_cast<size_t>(first + r)],
                                           nullptr, 0, row, scratch);
    if (to.scale != nullptr) to.scale[r] = scale;
    for (int64_t t = 0; t < horizon; ++t) {
      row.outsample_mask[t] *= horizon_weight_[static_cast<size_t>(t)];
    }
  }
}

}  // namespace nf
