#include "train/validator.h"

#include <algorithm>
#include <cmath>

namespace nf {
namespace {

std::vector<Output> AskedBy(const LossConfig& metric) {
  std::vector<Output> outputs;
  for (double quantile : metric.OutputQuantiles()) outputs.push_back(quantile);
  if (outputs.empty()) outputs.push_back(std::nullopt);
  return outputs;
}

}  // namespace

Validator::Validator(const NeuralModel& model, Engine& engine, const Panel& panel,
                     std::vector<Frame> windows, std::vector<double> scales)
    : engine_(engine),
      raw_(model.config().valid_loss.is_distribution()),
      metric_(MakeHead(model.config().valid_loss)),
      forecasts_(model.config(), model.head()),
      quantiles_(AskedBy(model.config().valid_loss)),
      asked_{.outputs = quantiles_},
      outputs_(model.config().loss.OutputsFor(model.config().valid_loss)),
      windows_(std::move(windows)),
      scales_(std::move(scales)),
      source_(panel,
              ShapeOf(model.config(), panel, 0, WindowUse::kForecast,
                      raw_ ? metric_->target_unit() : TargetUnit::kScaled),
              model.config().valid_loss),
      plan_(model, engine.kernels, engine.pool),
      rows_(plan_.program().CachedRows()),
      shard_loss_((windows_.size() + static_cast<size_t>(rows_) - 1) / static_cast<size_t>(rows_)),
      shard_benchmark_(shard_loss_.size()) {
  source_.Set(windows_);
  for (int i = 0; i < engine.executor.num_threads(); ++i) slots_.push_back(MakeSlot(model));
}

Validator::Slot Validator::MakeSlot(const NeuralModel& model) const {
  Slot slot(ForecastSlot(plan_, model.config(), model.head(), engine_.pool, rows_));
  const auto rows = static_cast<size_t>(rows_ * forecasts_.series());
  const size_t targets = rows * static_cast<size_t>(source_.shape().horizon);
  const size_t lookbacks = rows * static_cast<size_t>(source_.shape().inputs());
  BatchRows& to = slot.forecasts.to;
  const auto port = [&](Input kind, std::vector<float>& values, size_t size) {
    values.resize(size);
    to.inputs[kind] = values.data();
  };
  port(Input::kTarget, slot.target, targets);
  port(Input::kWeight, slot.weight, targets);
  slot.forecast.resize(targets * outputs_.size());
  if (metric_->ports().anchor) {
    port(Input::kLoc, slot.loc, rows);
    port(Input::kScale, slot.scale, rows);
  }
  if (metric_->ports().insample) {
    slot.insample.resize(lookbacks);
    slot.mask.resize(lookbacks);
  }
  return slot;
}

LossRows Validator::RowsOf(const Slot& slot, int64_t count) const {
  LossRows rows;
  rows.rows = count;
  rows.points = source_.shape().horizon * forecasts_.series();
  rows.series = forecasts_.series();
  rows.raw = slot.forecast.data();
  rows.target = slot.target.data();
  rows.weight = slot.weight.data();
  rows.loc = slot.loc.data();
  rows.scale = slot.scale.data();
  rows.insample = slot.insample.data();
  rows.insample_mask = slot.mask.data();
  rows.lookback = rows.steps = source_.shape().inputs();
  return rows;
}

// The lookbacks once more: a forecast writes over its inputs.
void Validator::ReadLookbacks(Slot& slot, int64_t begin, int64_t count) const {
  BatchRows to;
  to.inputs[Input::kInsampleY] = slot.insample.data();
  to.inputs[Input::kInsampleMask] = slot.mask.data();
  to.inputs[Input::kTarget] = slot.target.data();
  to.inputs[Input::kWeight] = slot.weight.data();
  source_.Fill(begin, count, to, slot.forecasts.scratch.data());
}

double Validator::RawLoss(Slot& slot, int64_t begin, int64_t count) const {
  LossRows rows = RowsOf(slot, count);
  rows.raw = slot.forecasts.Run(plan_, source_, source_.shape().horizon, begin, count);
  return metric_->Loss(engine_.kernels, rows);
}

// Forecasts, targets and, where the metric reads it, the lookback in the unit that the loss is
// taken in.
double Validator::ShardLoss(Slot& slot, int64_t begin, int64_t count) const {
  const int64_t horizon = source_.shape().horizon, inputs = source_.shape().inputs();
  const int64_t N = forecasts_.series(), given = forecasts_.outputs(asked_);
  const ScalerType scaler = forecasts_.scaler();
  const bool lookback = metric_->ports().insample;
  if (lookback) ReadLookbacks(slot, begin, count);
  auto use = [&](int64_t i, const double* values) {
    const int64_t row = i / N, n = i % N;
    const auto series = static_cast<size_t>(windows_[static_cast<size_t>(begin + row)].series + n);
    const double unit = scales_.empty() ? 1.0 : scales_[series];
    const WindowScale scale = slot.forecasts.scales[static_cast<size_t>(i)];
    const auto in_unit = [&](float z) {
      return static_cast<float>(Unscale(scaler, scale, static_cast<double>(z)) / unit);
    };
    const auto at = [&](int64_t steps, int64_t t) {  // of [rows, steps, N]
      return static_cast<size_t>((row * steps + t) * N + n);
    };
    for (int64_t t = 0; t < horizon; ++t, values += given) {
      float* forecast = slot.forecast.data() + at(horizon, t) * outputs_.size();
      for (int64_t output : outputs_) *forecast++ = static_cast<float>(values[output] / unit);
      float& target = slot.target[at(horizon, t)];
      target = in_unit(target);
    }
    for (int64_t t = 0; lookback && t < inputs; ++t) {
      float& past = slot.insample[at(inputs, t)];
      past = in_unit(past);
    }
  };
  forecasts_.Run(plan_, source_, horizon, begin, count, asked_, slot.forecasts, use);
  return metric_->Loss(engine_.kernels, RowsOf(slot, count));
}

double Validator::Loss(const float* parameters) {
  plan_.Pack(parameters);
  const auto total = static_cast<int64_t>(windows_.size());
  engine_.executor.ParallelFor(static_cast<int64_t>(shard_loss_.size()), [&](int64_t i, int at) {
    const int64_t begin = i * rows_, count = std::min(rows_, total - begin);
    Slot& slot = slots_[static_cast<size_t>(at)];
    const auto shard = static_cast<size_t>(i);
    shard_loss_[shard] = raw_ ? RawLoss(slot, begin, count) : ShardLoss(slot, begin, count);
    shard_benchmark_[shard] = metric_->Benchmark(RowsOf(slot, count));
  });
  double sum = 0, benchmark = 0;
  for (double loss : shard_loss_) sum += loss;
  for (double of : shard_benchmark_) benchmark += of;
  return source_.weight_sum() > 0 ? metric_->Of(sum, benchmark, source_.weight_sum()).loss : 0.0;
}

}  // namespace nf
