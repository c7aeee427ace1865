#include "infer/predictor.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/forecast_rows.h"
#include "heads/head.h"
#include "infer/rolling.h"
#include "util/error.h"

namespace nf {
namespace {

// A row's forecast does not depend on the rows around it (kernels/gemm.h), so shards may follow the
// thread count here. Few sizes, so that kept memory serves other batches too.
// Sampled paths of a row make enough work for a thread by themselves.
int64_t ForecastShardRows(const Program& program, int64_t rows, int64_t threads, bool paths) {
  const int64_t share = (rows + threads - 1) / threads, most = program.CachedRows();
  if (share < 8) return std::min(threads == 1 || paths ? share : 8, most);
  return std::min((share + 7) / 8 * 8, most);
}

}  // namespace

struct Predictor::Impl {
  const NeuralModel& model;
  Engine& engine;
  const ForecastRows forecasts;
  const int64_t lookback, horizon;
  PlanCache cache;

  Impl(const NeuralModel& m, Engine& e)
      : model(m),
        engine(e),
        forecasts(m.config(), m.head()),
        lookback(m.config().lookback()),
        horizon(m.config().horizon),
        cache(m, e) {}

  // One round over all rows, in shards: calls use(slot, begin, i, values [round, outputs]) for the
  // series of the rows, one after the other: begin + i, the i-th of a shard that begins there.
  template <class Use>
  void Run(const RowSource& source, int64_t round, const Asked& asked, const JobControl& control,
           bool on_caller_thread, Use&& use);
  bool samples_paths() const { return model.config().feeds_back() && model.head().distribution(); }
  int64_t ShardRows(const ForecastPlan& plan, int64_t rows, int64_t threads) const {
    return ForecastShardRows(plan.program(), rows, threads, samples_paths());
  }
  // What is asked, with the model's seed. A forecast goes on from its point forecast, the first of
  // what is asked.
  Asked Seeded(const Asked& asked) const {
    NF_CHECK(!model.head().any_quantile() || (!asked.outputs.empty() && !asked.outputs[0]));
    Asked seeded = asked;
    seeded.seed = model.seed();
    if (samples_paths()) seeded.paths = model.config().paths();
    return seeded;
  }
  std::string NotFinite(const std::string& what) const;
};

template <class Use>
void Predictor::Impl::Run(const RowSource& source, int64_t round, const Asked& asked,
                          const JobControl& control, bool on_caller_thread, Use&& use) {
  const auto plan = cache.Plan();
  const int64_t rows = source.rows();
  const int64_t threads = on_caller_thread ? 1 : engine.executor.num_threads();
  const int64_t shard_rows = ShardRows(*plan, rows, threads);
  const int64_t shards = (rows + shard_rows - 1) / shard_rows;
  auto state = cache.Take(*plan, shard_rows, threads);
  auto shard = [&](int64_t i, int slot_index) {
    control.ThrowIfCancelled();
    ForecastSlot& slot = state->slots[static_cast<size_t>(slot_index)];
    const int64_t begin = i * shard_rows, count = std::min(shard_rows, rows - begin);
    forecasts.Run(
        *plan, source, round, begin, count, asked, slot,
        [&](int64_t i, const double* values) { use(slot, begin * forecasts.series(), i, values); });
  };
  if (on_caller_thread) {
    for (int64_t i = 0; i < shards; ++i) shard(i, 0);
  } else {
    engine.executor.ParallelFor(shards, shard);
  }
  cache.GiveBack(std::move(state));
}

std::string Predictor::Impl::NotFinite(const std::string& what) const {
  return model.alias() + ": the forecast of " + what +
         " is not finite; the weights or the input lie outside what was trained on";
}

Predictor::Predictor(const NeuralModel& model, Engine& engine)
    : impl_(std::make_unique<Impl>(model, engine)) {}
Predictor::~Predictor() = default;

int64_t Predictor::known_steps(int64_t horizon) const {
  const ModelConfig& config = impl_->model.config();
  if (horizon > config.horizon && !config.historic_exog.empty()) {
    Fail(ErrorCode::kUnsupported,
         impl_->model.alias() + ": a horizon beyond the trained " + std::to_string(config.horizon) +
             " would need future values of the historicExog columns; train with horizon " +
             std::to_string(horizon) + " instead");
  }
  return KnownSteps(config, horizon);
}

void Predictor::PredictPanel(const Panel& source, std::span<const std::span<const double>> ahead,
                             int64_t horizon, LocalScalerType local_scaler,
                             std::span<const std::span<double>> out, const JobControl& control,
                             bool on_caller_thread, const Asked& asks) {
  Impl& m = *impl_;
  const ModelConfig& config = m.model.config();
  known_steps(horizon);
  m.model.CheckPanel(source);
  CheckLookbacks(source, config, m.model.start_padding(), m.model.alias());
  RollingPanel rolling(source, config, ahead, horizon, local_scaler);
  const int64_t round = RoundSteps(config, horizon), point = m.model.point_output();
  const int64_t outputs = m.forecasts.outputs(asks);
  Asked asked = m.Seeded(asks);
  WindowShape shape = ShapeOf(config, rolling.panel(), 0, WindowUse::kForecast);
  shape.horizon = round;
  for (int64_t done = 0; done < horizon; done += round) {
    const std::vector<Frame> frames = rolling.Frames(done);
    const PanelRows rows(rolling.panel(), shape, frames);
    const int64_t steps = std::min(round, horizon - done);
    auto use = [&](ForecastSlot&, int64_t begin, int64_t i, const double* values) {
      const int64_t series = begin + i;
      for (int64_t t = 0; t < steps; ++t, values += outputs) {
        rolling.SetForecast(series, done + t, values[point]);
        for (int64_t q = 0; q < outputs; ++q) {
          const double value = rolling.Invert(series, values[q]);
          if (!std::isfinite(value)) {
            Fail(ErrorCode::kNonFinite, m.NotFinite(SeriesName({}, series)));
          }
          out[static_cast<size_t>(q)][static_cast<size_t>(series * horizon + done + t)] = value;
        }
      }
    };
    m.Run(rows, round, asked, control, on_caller_thread, use);
    // Other draws in each round.
    asked.first_row += static_cast<uint64_t>(rows.rows() * m.forecasts.series());
  }
}

template <class T>
void Predictor::PredictWindows(std::span<const T> windows, LocalScalerType local_scaler,
                               std::span<const std::span<T>> out, const JobControl& control,
                               bool on_caller_thread, const Asked& asks) {
  Impl& m = *impl_;
  const ModelConfig& config = m.model.config();
  if (!config.future_exog.empty() || !config.historic_exog.empty() || !config.static_exog.empty()) {
    Fail(ErrorCode::kUnsupported, m.model.alias() +
                                      ": predictBatch takes lookback windows alone, but this model "
                                      "has exogenous inputs; use predict({data, futureExog})");
  }
  const RawRows<T> rows(windows, m.forecasts.series(), m.lookback, m.forecasts.scaler(),
                        local_scaler);
  const int64_t outputs = m.forecasts.outputs(asks);
  const Asked asked = m.Seeded(asks);
  auto use = [&](ForecastSlot& slot, int64_t begin, int64_t i, const double* values) {
    bool finite = true;
    for (int64_t q = 0; q < outputs; ++q) {
      T* const to = out[static_cast<size_t>(q)].data() + (begin + i) * m.horizon;
      for (int64_t t = 0; t < m.horizon; ++t) {
        double value = values[t * outputs + q];
        if (local_scaler != LocalScalerType::kNone) {
          value = InvertLocal(local_scaler, slot.local[static_cast<size_t>(i)], value);
        }
        to[t] = static_cast<T>(value);
        finite &= std::isfinite(to[t]);
      }
    }
    if (!finite) {
      Fail(ErrorCode::kNonFinite, m.NotFinite("windows row " + std::to_string(begin + i)));
    }
  };
  if (rows.rows() > 0) m.Run(rows, m.horizon, asked, control, on_caller_thread, use);
}

template void Predictor::PredictWindows(std::span<const float>, LocalScalerType,
                                        std::span<const std::span<float>>, const JobControl&, bool,
                                        const Asked&);
template void Predictor::PredictWindows(std::span<const double>, LocalScalerType,
                                        std::span<const std::span<double>>, const JobControl&, bool,
                                        const Asked&);

void Predictor::Warmup(std::span<const int64_t> batch_sizes) {
  const JobControl control;
  std::vector<std::unique_ptr<RunState>> states;
  const auto plan = impl_->cache.Plan();
  for (int64_t rows : batch_sizes) {
    for (int64_t threads : {int64_t{1}, int64_t{impl_->engine.executor.num_threads()}}) {
      auto state = impl_->cache.Take(*plan, impl_->ShardRows(*plan, rows, threads), threads);
      for (auto& slot : state->slots) slot.Touch(*plan, impl_->horizon, state->shard_rows);
      states.push_back(std::move(state));
    }
  }
  for (auto& state : states) impl_->cache.GiveBack(std::move(state));
}

Predictor::Stats Predictor::stats() const { return impl_->cache.stats(); }

}  // namespace nf
