#include "train/validator.h"

#include <algorithm>
#include <cmath>

namespace nf {

Validator::Validator(const NeuralModel& model, Engine& engine, const Panel& panel,
                     std::vector<Frame> windows, std::vector<double> scales)
    : engine_(engine),
      loss_(model.config().valid_loss),
      call_(loss_),
      forecasts_(model.config()),
      outputs_(model.config().loss.OutputsFor(loss_)),
      windows_(std::move(windows)),
      scales_(std::move(scales)),
      source_(panel, ShapeOf(model.config(), panel, 0, WindowUse::kForecast), loss_),
      plan_(model, engine.kernels, engine.pool),
      rows_(plan_.program().CachedRows()),
      shard_loss_((windows_.size() + static_cast<size_t>(rows_) - 1) / static_cast<size_t>(rows_)) {
  source_.Set(windows_);
  const auto targets = static_cast<size_t>(rows_ * source_.shape().horizon);
  for (int i = 0; i < engine.executor.num_threads(); ++i) {
    slots_.push_back({ForecastSlot(plan_.program(), model.config(), engine.pool, rows_),
                      std::vector<float>(targets), std::vector<float>(targets),
                      std::vector<float>(targets * outputs_.size())});
    slots_.back().forecasts.to.target = slots_.back().target.data();
    slots_.back().forecasts.to.weight = slots_.back().weight.data();
  }
}

// Forecasts and targets in the unit that the loss is taken in.
double Validator::ShardLoss(Slot& slot, int64_t begin, int64_t count) const {
  const int64_t horizon = source_.shape().horizon;
  const ScalerType scaler = forecasts_.scaler();
  float* forecast = slot.forecast.data();
  float* target = slot.target.data();
  auto use = [&](int64_t r, const double* values) {
    const auto series = static_cast<size_t>(windows_[static_cast<size_t>(begin + r)].series);
    const double unit = scales_.empty() ? 1.0 : scales_[series];
    const WindowScale scale = slot.forecasts.scales[static_cast<size_t>(r)];
    for (int64_t t = 0; t < horizon; ++t, ++target, values += forecasts_.outputs()) {
      for (int64_t output : outputs_) *forecast++ = static_cast<float>(values[output] / unit);
      *target = static_cast<float>(Unscale(scaler, scale, static_cast<double>(*target)) / unit);
    }
  };
  forecasts_.Run(plan_, source_, begin, count, slot.forecasts, use);
  return engine_.kernels.loss.loss(
      call_.Of(count, horizon, slot.forecast.data(), slot.target.data(), slot.weight.data()));
}

double Validator::Loss(const float* parameters) {
  plan_.Pack(parameters);
  const auto total = static_cast<int64_t>(windows_.size());
  engine_.executor.ParallelFor(static_cast<int64_t>(shard_loss_.size()), [&](int64_t i, int slot) {
    const int64_t begin = i * rows_;
    shard_loss_[static_cast<size_t>(i)] =
        ShardLoss(slots_[static_cast<size_t>(slot)], begin, std::min(rows_, total - begin));
  });
  double sum = 0;
  for (double loss : shard_loss_) sum += loss;
  const double mean = source_.weight_sum() > 0 ? sum / source_.weight_sum() : 0.0;
  return loss_.is_rmse() ? std::sqrt(mean) : mean;
}

}  // namespace nf
