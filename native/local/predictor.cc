#include "local/predictor.h"

#include <cmath>
#include <vector>

#include "local/rows.h"
#include "util/error.h"

namespace nf {
namespace {

template <class Fn>
void ForEach(Executor& executor, bool on_caller_thread, int64_t count, Fn&& fn) {
  if (on_caller_thread) {
    for (int64_t i = 0; i < count; ++i) fn(i, 0);
  } else {
    executor.ParallelFor(count, fn);
  }
}

// One forecast in the units that the model was fitted in, back in those of the data.
class Forecasting {
 public:
  Forecasting(const LocalModel& model, const LocalAsk& ask, int64_t horizon,
              const JobControl& control)
      : model_(model), ask_(ask), horizon_(horizon), control_(control) {}

  // Calls use(output, step, value).
  template <class Use>
  void Run(std::span<const double> parameters, const LocalRows& rows, const LocalScale& scale,
           Use&& use) const {
    const size_t outputs = ask_.outputs.size(), steps = static_cast<size_t>(horizon_);
    std::vector<double> values(outputs * steps);
    std::vector<std::span<double>> columns;
    for (size_t o = 0; o < outputs; ++o)
      columns.push_back(std::span(values).subspan(o * steps, steps));
    model_.Forecast(parameters, rows,
                    {.outputs = ask_.outputs, .out = columns, .control = &control_});
    for (size_t o = 0; o < outputs; ++o) {
      for (size_t i = 0; i < steps; ++i) {
        const double value = ask_.local_scaler == LocalScalerType::kNone
                                 ? columns[o][i]
                                 : InvertLocal(ask_.local_scaler, scale, columns[o][i]);
        if (!std::isfinite(value)) {
          Fail(ErrorCode::kNonFinite, model_.alias + ": the forecast of " + rows.name +
                                          " is not finite; its history or what is known ahead "
                                          "lies far outside of what it was fitted to");
        }
        use(o, i, value);
      }
    }
  }

 private:
  const LocalModel& model_;
  const LocalAsk& ask_;
  const int64_t horizon_;
  const JobControl& control_;
};

}  // namespace

void PredictLocalPanel(const LocalModel& model, const LocalParameters* learned, Executor& executor,
                       const Panel& source, const LocalAhead& ahead, const LocalAsk& ask,
                       std::span<const std::span<double>> out, const JobControl& control) {
  const LocalModelConfig& config = model.config();
  const int64_t series = source.num_series(), horizon = ahead.horizon;
  NF_CHECK(learned == nullptr || series == learned->num_series());
  NF_CHECK(static_cast<int64_t>(ahead.ds.size()) == series * horizon);
  const bool scaled = ask.local_scaler != LocalScalerType::kNone;
  Panel copy;
  PanelScales scales;
  if (scaled) {
    copy = source.Tail(source.num_rows());
    scales = ScalePanel(ask.local_scaler, copy);
  }
  const Panel& panel = scaled ? copy : source;
  const double units = UnitsPerDay(panel, config);
  const auto steps = static_cast<size_t>(horizon);
  const Forecasting forecasting(model, ask, horizon, control);
  ForEach(executor, ask.on_caller_thread, series, [&](int64_t s, int) {
    control.ThrowIfCancelled();
    const size_t first = static_cast<size_t>(s) * steps;
    const std::string name = SeriesName({}, s);
    std::vector<double> days(steps);
    for (size_t i = 0; i < steps; ++i) days[i] = ahead.ds[first + i] / units;
    std::vector<std::vector<double>> columns;
    for (size_t c = 0; c < ahead.columns.size(); ++c) {
      const auto known = ahead.columns[c].subspan(first, steps);
      columns.emplace_back(known.begin(), known.end());
      if (!scaled) continue;
      const LocalScale& scale = scales.future[c][static_cast<size_t>(s)];
      for (double& v : columns.back()) v = ApplyLocal(ask.local_scaler, scale, v);
    }
    LocalFit own;
    if (learned == nullptr) {
      const SeriesRows rows(panel, config, s, 0, panel.length(s), /*observed=*/true,
                            model.alias + ": " + name);
      own = model.Fit(rows.rows(), rows.y(), control);
    }
    const LocalRows rows{.days = days,
                         .columns = {columns.begin(), columns.end()},
                         .units_per_day = units,
                         .name = name};
    forecasting.Run(learned == nullptr ? std::span<const double>(own.parameters) : learned->of(s),
                    rows, scaled ? scales.y[static_cast<size_t>(s)] : LocalScale{},
                    [&](size_t o, size_t i, double value) { out[o][first + i] = value; });
  });
}

template <class T>
void PredictLocalWindows(const LocalModel& model, Executor& executor, std::span<const T> windows,
                         const LocalAsk& ask, std::span<const std::span<T>> out,
                         const JobControl& control) {
  const LocalModelConfig& config = model.config();
  if (!config.future_exog.empty())
    Fail(ErrorCode::kUnsupported, model.alias +
                                      ": predictBatch takes windows alone, but this model has "
                                      "futureExog; use predict({data, futureExog})");
  NF_CHECK(config.input_size > 0);
  const auto length = static_cast<size_t>(config.input_size);
  const auto steps = static_cast<size_t>(config.horizon);
  std::vector<double> days(length), ahead(steps);
  for (size_t i = 0; i < length; ++i) days[i] = static_cast<double>(i) * config.days_per_step;
  for (size_t i = 0; i < steps; ++i)
    ahead[i] = static_cast<double>(length + i) * config.days_per_step;
  const Forecasting forecasting(model, ask, config.horizon, control);
  const auto count = static_cast<int64_t>(windows.size() / length);
  ForEach(executor, ask.on_caller_thread, count, [&](int64_t w, int) {
    control.ThrowIfCancelled();
    const auto at = static_cast<size_t>(w);
    const std::string name = "windows: row " + std::to_string(w);
    const auto raw = windows.subspan(at * length, length);
    std::vector<double> y(raw.begin(), raw.end());
    for (double v : y)
      if (!std::isfinite(v)) Fail(ErrorCode::kNonFinite, name + " holds NaN or an infinite value");
    LocalScale scale;
    if (ask.local_scaler != LocalScalerType::kNone) {
      std::vector<double> scratch(length);
      scale = FitLocal(ask.local_scaler, y.data(), nullptr, config.input_size, scratch.data(),
                       name.c_str());
      for (double& v : y) v = ApplyLocal(ask.local_scaler, scale, v);
    }
    LocalRows rows{
        .days = days, .columns = {}, .units_per_day = 1.0 / config.days_per_step, .name = name};
    const LocalFit fit = model.Fit(rows, y, control);
    rows.days = ahead;
    forecasting.Run(fit.parameters, rows, scale, [&](size_t o, size_t i, double value) {
      out[o][at * steps + i] = static_cast<T>(value);
    });
  });
}

template void PredictLocalWindows(const LocalModel&, Executor&, std::span<const float>,
                                  const LocalAsk&, std::span<const std::span<float>>,
                                  const JobControl&);
template void PredictLocalWindows(const LocalModel&, Executor&, std::span<const double>,
                                  const LocalAsk&, std::span<const std::span<double>>,
                                  const JobControl&);

}  // namespace nf
