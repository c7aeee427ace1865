#include "engine/batch_source.h"

#include <algorithm>

namespace nf {

WindowSource::WindowSource(const Panel& panel, WindowShape shape, const LossConfig& loss)
    : frames_(panel, std::move(shape)), weight_of_first_(1, 0.0) {
  for (int64_t t = 0; t < this->shape().horizon; ++t) {
    const double w =
        loss.horizon_weight.empty() ? 1.0 : loss.horizon_weight[static_cast<size_t>(t)];
    horizon_weight_.insert(horizon_weight_.end(), static_cast<size_t>(this->shape().series),
                           static_cast<float>(w));
    weight_of_first_.push_back(weight_of_first_.back() + w);
  }
}

double WindowSource::WeightOf(int64_t series, int64_t cut) const {
  const Panel& panel = frames_.panel();
  const int64_t end = panel.length(series) - shape().holdout;
  const int64_t steps = std::clamp<int64_t>(end - cut, 0, shape().horizon);
  if (panel.mask.empty()) return weight_of_first_[static_cast<size_t>(steps)];
  const int64_t base = panel.offsets[static_cast<size_t>(series)] + cut;
  double sum = 0;
  for (int64_t t = 0; t < steps; ++t) {
    if (panel.observed(base + t)) sum += horizon_weight_[static_cast<size_t>(t * shape().series)];
  }
  return sum;
}

void WindowSource::Set(std::span<const Frame> windows) {
  frames_.Set(windows);
  weight_sum_ = 0;
  for (const Frame& frame : windows) {
    for (int64_t n = 0; n < frame.count; ++n) weight_sum_ += WeightOf(frame.series + n, frame.cut);
  }
}

void WindowSource::Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const {
  frames_.Fill(first, count, to, scratch);
  float* weight = to.inputs[Input::kWeight];
  for (int64_t r = 0; r < count; ++r) {
    for (float factor : horizon_weight_) *weight++ *= factor;
  }
}

}  // namespace nf
