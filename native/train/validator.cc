#include "train/validator.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace nf {

Validator::Validator(const NeuralModel& model, Engine& engine, const Panel& panel,
                     std::vector<Window> windows, std::vector<double> scales)
    : engine_(engine),
      loss_(model.config().valid_loss),
      outputs_(model.config().loss.OutputsFor(loss_)),
      model_outputs_(model.config().loss.outputs()),
      shape_(ShapeOf(model.config(), panel, 0, WindowUse::kForecast)),
      windows_(std::move(windows)),
      scales_(std::move(scales)),
      source_(panel, shape_, loss_),
      plan_(model, engine.kernels, engine.pool),
      rows_(plan_.program().CachedRows()),
      shard_loss_((windows_.size() + static_cast<size_t>(rows_) - 1) / static_cast<size_t>(rows_)) {
  source_.Set(windows_);
  const auto horizon = static_cast<size_t>(shape_.horizon);
  const auto rows = static_cast<size_t>(rows_);
  for (int i = 0; i < engine.executor.num_threads(); ++i) {
    slots_.push_back({ForwardMemory(plan_.program(), engine.pool, rows_),
                      std::vector<float>(rows * horizon), std::vector<float>(rows * horizon),
                      std::vector<float>(rows * horizon * outputs_.size()),
                      std::vector<double>(static_cast<size_t>(shape_.scratch_doubles())),
                      std::vector<WindowScale>(rows)});
  }
  for (double q : loss_.OutputQuantiles()) quantiles_.push_back(static_cast<float>(q));
}

void Validator::ToLossUnit(const WindowScale& s, double scale, const float* scaled, float* forecast,
                           float* target) const {
  const auto unscale = [&](float z) {
    return static_cast<float>(Unscale(shape_.scaler, s, static_cast<double>(z)) / scale);
  };
  for (int64_t t = 0; t < shape_.horizon; ++t, scaled += model_outputs_) {
    for (int64_t output : outputs_) *forecast++ = unscale(scaled[output]);
    target[t] = unscale(target[t]);
  }
}

double Validator::ShardLoss(Slot& slot, int64_t begin, int64_t count) const {
  BatchRows rows;
  rows.inputs = slot.memory.inputs();
  rows.target = slot.target.data();
  rows.weight = slot.weight.data();
  rows.scale = slot.scales.data();
  source_.Fill(begin, count, rows, slot.scratch.data());
  const float* scaled = slot.memory.Run(plan_, count);
  const int64_t horizon = shape_.horizon;
  for (int64_t r = 0; r < count; ++r) {
    const auto series = static_cast<size_t>(windows_[static_cast<size_t>(begin + r)].series);
    ToLossUnit(slot.scales[static_cast<size_t>(r)], scales_.empty() ? 1.0 : scales_[series],
               scaled + r * horizon * model_outputs_,
               slot.forecast.data() + r * horizon * std::ssize(outputs_),
               slot.target.data() + r * horizon);
  }
  LossArgs args;
  args.kind = loss_.kind();
  args.delta = static_cast<float>(loss_.delta);
  args.quantiles = quantiles_.data();
  args.rows = static_cast<size_t>(count);
  args.horizon = static_cast<size_t>(horizon);
  args.outputs = outputs_.size();
  args.y_hat = slot.forecast.data();
  args.y = slot.target.data();
  args.weight = slot.weight.data();
  return engine_.kernels.loss.loss(args);
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
