#include "infer/predictor.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/window_inputs.h"
#include "infer/rolling.h"
#include "util/error.h"

namespace nf {
namespace {

// A row's forecast does not depend on the rows around it (kernels/gemm.h), so shards may follow the
// thread count here. Few sizes, so that kept memory serves other batches too.
int64_t ForecastShardRows(const Program& program, int64_t rows, int64_t threads) {
  const int64_t share = (rows + threads - 1) / threads, most = program.CachedRows();
  if (share < 8) return std::min(threads == 1 ? share : 8, most);
  return std::min((share + 7) / 8 * 8, most);
}

}  // namespace

struct Predictor::Impl {
  const NeuralModel& model;
  Engine& engine;
  const ScalerType scaler;
  const int64_t lookback, horizon, outputs;
  PlanCache cache;

  Impl(const NeuralModel& m, Engine& e)
      : model(m),
        engine(e),
        scaler(ParseScaler(m.config().scaler_type)),
        lookback(m.config().lookback()),
        horizon(m.config().horizon),
        outputs(m.config().loss.outputs()),
        cache(m, e) {}

  // One round: calls fill(slot, row begin, count), runs the model, calls use(slot, begin, count,
  // forecast [count, round, outputs]).
  template <class Fill, class Use>
  void Run(int64_t rows, int64_t round, const JobControl& control, bool on_caller_thread,
           Fill&& fill, Use&& use);
  std::string NotFinite(const std::string& what) const;
};

template <class Fill, class Use>
void Predictor::Impl::Run(int64_t rows, int64_t round, const JobControl& control,
                          bool on_caller_thread, Fill&& fill, Use&& use) {
  const auto current = cache.Plan(round);
  const int64_t threads = on_caller_thread ? 1 : engine.executor.num_threads();
  const int64_t shard_rows = ForecastShardRows(current->program(), rows, threads);
  const int64_t shards = (rows + shard_rows - 1) / shard_rows;
  auto state = cache.Take(current->program(), round, shard_rows, threads);
  auto shard = [&](int64_t i, int slot_index) {
    control.ThrowIfCancelled();
    auto& slot = state->slots[static_cast<size_t>(slot_index)];
    const int64_t begin = i * shard_rows, count = std::min(shard_rows, rows - begin);
    fill(slot, begin, count);
    use(slot, begin, count, slot.memory.Run(*current, count));
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
  if (config.feeds_back() && horizon > config.kMostFedBack) {
    Fail(ErrorCode::kOutOfRange, "horizon must be <= " + std::to_string(config.kMostFedBack) +
                                     " with " + impl_->model.alias() + "'s recurrent: true; got " +
                                     std::to_string(horizon));
  }
  return KnownSteps(config, horizon);
}

void Predictor::PredictPanel(const Panel& source, std::span<const std::span<const double>> ahead,
                             int64_t horizon, LocalScalerType local_scaler,
                             std::span<const std::span<double>> out, const JobControl& control,
                             bool on_caller_thread) {
  Impl& m = *impl_;
  const ModelConfig& config = m.model.config();
  known_steps(horizon);
  CheckLookbacks(source, config, m.model.start_padding(), m.model.alias());
  RollingPanel rolling(source, config, ahead, horizon, local_scaler);
  const int64_t round = RoundSteps(config, horizon), point = m.model.point_output();
  WindowShape shape = ShapeOf(config, rolling.panel(), 0, WindowUse::kForecast);
  shape.horizon = round;
  for (int64_t done = 0; done < horizon; done += round) {
    auto fill = [&](RunState::Slot& slot, int64_t begin, int64_t count) {
      for (int64_t r = 0; r < count; ++r) {
        const WindowRow row = RowOf(shape, slot.memory.inputs(), r);
        slot.scales[static_cast<size_t>(r)] = GatherWindow(
            rolling.panel(), shape, rolling.At(begin + r, done), row, slot.scratch.data());
      }
    };
    auto use = [&](RunState::Slot& slot, int64_t begin, int64_t count, const float* forecast) {
      for (int64_t r = 0; r < count; ++r) {
        const int64_t series = begin + r;
        const float* values = forecast + r * round * m.outputs;
        const WindowScale scale = slot.scales[static_cast<size_t>(r)];
        for (int64_t t = 0; t < std::min(round, horizon - done); ++t) {
          for (int64_t q = 0; q < m.outputs; ++q) {
            const double z = Unscale(m.scaler, scale, values[t * m.outputs + q]);
            if (q == point) rolling.SetForecast(series, done + t, z);
            const double value = rolling.Invert(series, z);
            if (!std::isfinite(value)) {
              Fail(ErrorCode::kNonFinite, m.NotFinite(SeriesName({}, series)));
            }
            out[static_cast<size_t>(q)][static_cast<size_t>(series * horizon + done + t)] = value;
          }
        }
      }
    };
    m.Run(source.num_series(), round, control, on_caller_thread, fill, use);
  }
}

template <class T>
void Predictor::PredictWindows(std::span<const T> windows, LocalScalerType local_scaler,
                               std::span<const std::span<T>> out, const JobControl& control,
                               bool on_caller_thread) {
  Impl& m = *impl_;
  const ModelConfig& config = m.model.config();
  if (!config.future_exog.empty() || !config.historic_exog.empty() || !config.static_exog.empty()) {
    Fail(ErrorCode::kUnsupported, m.model.alias() +
                                      ": predictBatch takes lookback windows alone, but this model "
                                      "has exogenous inputs; use predict({data, futureExog})");
  }
  const int64_t rows = static_cast<int64_t>(windows.size()) / m.lookback;
  auto fill = [&](RunState::Slot& slot, int64_t begin, int64_t count) {
    double* x = slot.scratch.data() + 2 * (m.lookback + m.horizon);
    float* mask = slot.memory.input(Input::kInsampleMask);
    if (mask != nullptr) std::fill_n(mask, count * m.lookback, 1.0f);
    for (int64_t r = 0; r < count; ++r) {
      const T* raw = windows.data() + (begin + r) * m.lookback;
      bool finite = true;
      for (int64_t i = 0; i < m.lookback; ++i) {
        x[i] = static_cast<double>(raw[i]);
        finite &= std::isfinite(x[i]);
      }
      if (!finite) {
        Fail(ErrorCode::kNonFinite,
             "windows: row " + std::to_string(begin + r) + " holds NaN or an infinite value");
      }
      if (local_scaler != LocalScalerType::kNone) {
        char what[40];  // for an error; a string would take memory for every row
        std::snprintf(what, sizeof what, "windows: row %lld", static_cast<long long>(begin + r));
        const LocalScale local =
            FitLocal(local_scaler, x, nullptr, m.lookback, slot.scratch.data(), what);
        slot.local[static_cast<size_t>(r)] = local;
        for (int64_t i = 0; i < m.lookback; ++i) x[i] = ApplyLocal(local_scaler, local, x[i]);
      }
      const WindowScale scale = FitWindow(m.scaler, x, nullptr, m.lookback, slot.scratch.data());
      slot.scales[static_cast<size_t>(r)] = scale;
      ScaleWindow(m.scaler, scale, x, m.lookback,
                  slot.memory.input(Input::kInsampleY) + r * m.lookback);
    }
  };
  auto use = [&](RunState::Slot& slot, int64_t begin, int64_t count, const float* forecast) {
    for (int64_t r = 0; r < count; ++r) {
      const float* values = forecast + r * m.horizon * m.outputs;
      bool finite = true;
      for (int64_t i = 0; i < m.horizon * m.outputs; ++i) {
        double value =
            Unscale(m.scaler, slot.scales[static_cast<size_t>(r)], static_cast<double>(values[i]));
        if (local_scaler != LocalScalerType::kNone) {
          value = InvertLocal(local_scaler, slot.local[static_cast<size_t>(r)], value);
        }
        const T result = static_cast<T>(value);
        finite &= std::isfinite(result);
        out[static_cast<size_t>(i % m.outputs)]
           [static_cast<size_t>((begin + r) * m.horizon + i / m.outputs)] = result;
      }
      if (!finite) {
        Fail(ErrorCode::kNonFinite, m.NotFinite("windows row " + std::to_string(begin + r)));
      }
    }
  };
  if (rows > 0) m.Run(rows, m.horizon, control, on_caller_thread, fill, use);
}

template void Predictor::PredictWindows(std::span<const float>, LocalScalerType,
                                        std::span<const std::span<float>>, const JobControl&, bool);
template void Predictor::PredictWindows(std::span<const double>, LocalScalerType,
                                        std::span<const std::span<double>>, const JobControl&,
                                        bool);

void Predictor::Warmup(std::span<const int64_t> batch_sizes) {
  const JobControl control;
  std::vector<std::unique_ptr<RunState>> states;
  const int64_t round = impl_->horizon;
  const auto plan = impl_->cache.Plan(round);
  for (int64_t rows : batch_sizes) {
    for (int64_t threads : {int64_t{1}, int64_t{impl_->engine.executor.num_threads()}}) {
      auto state = impl_->cache.Take(plan->program(), round,
                                     ForecastShardRows(plan->program(), rows, threads), threads);
      for (auto& slot : state->slots) {
        for (int i = 0; i < kNumInputs; ++i) {
          float* input = slot.memory.input(static_cast<Input>(i));
          const TensorId id = plan->program().graph().inputs[static_cast<size_t>(i)];
          if (input == nullptr) continue;
          std::fill_n(input, state->shard_rows * plan->program().graph().tensor(id).size, 0.0f);
        }
        slot.memory.Run(*plan, state->shard_rows);
      }
      states.push_back(std::move(state));
    }
  }
  for (auto& state : states) impl_->cache.GiveBack(std::move(state));
}

Predictor::Stats Predictor::stats() const { return impl_->cache.stats(); }

}  // namespace nf
