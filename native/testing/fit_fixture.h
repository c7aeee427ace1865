// For the tests of training: what models of testing/tiny_models.h come out as.
#ifndef NF_TESTING_FIT_FIXTURE_H_
#define NF_TESTING_FIT_FIXTURE_H_

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/batch_source.h"
#include "engine/forecast_rows.h"
#include "testing/tiny_models.h"
#include "train/step_runner.h"
#include "train/trainer.h"

namespace nf {

inline FitOptions OptionsOf(const NeuralModel& model) {
  FitOptions options;
  options.train = model.config();
  return options;
}

// Every training window of a panel whose horizon lies within it, of `series` series each.
inline std::vector<Frame> WindowsOf(const Panel& panel, int64_t series = 1) {
  std::vector<Frame> windows;
  for (int64_t s = 0; s < panel.num_series(); s += series) {
    for (int64_t cut = kLookback; cut + kHorizon <= panel.length(s); ++cut) {
      windows.push_back({static_cast<int32_t>(s), cut, static_cast<int32_t>(series)});
    }
  }
  return windows;
}

// Windows of a panel as one fixed batch for a model.
class FixedBatch {
 public:
  FixedBatch(const NeuralModel& model, const Panel& panel, std::vector<Frame> windows)
      : windows_(std::move(windows)),
        source_(panel,
                ShapeOf(model.config(), panel, 0, WindowUse::kTraining, model.head().target_unit()),
                model.config().loss) {
    source_.Set(windows_);
  }
  const BatchSource& source() const { return source_; }

 private:
  const std::vector<Frame> windows_;
  WindowSource source_;
};

// The training loss over every window of the panel.
inline double LossOver(const NeuralModel& model, Engine& engine, const Panel& panel,
                       const std::vector<float>& parameters) {
  const FixedBatch batch(model, panel, WindowsOf(panel, model.config().series()));
  StepRunner runner(model, engine, batch.source().rows());
  std::vector<float> gradients(parameters.size());
  return runner.Run(batch.source(), parameters.data(), 0, gradients.data()).loss;
}

// Raw outputs, scaled as in training, of every window of the panel with the model's weights.
inline std::vector<float> Forecasts(const NeuralModel& model, const KernelTable& kernels,
                                    const Panel& panel) {
  const std::vector<Frame> windows = WindowsOf(panel, model.config().series());
  const auto rows = static_cast<int64_t>(windows.size());
  Pool pool;
  ForecastPlan plan(model, kernels, pool);
  const auto weights = model.weights();
  plan.Pack(weights->data());
  ForecastSlot slot(plan, model.config(), model.head(), pool, rows);
  const PanelRows source(panel, ShapeOf(model.config(), panel, 0, WindowUse::kForecast), windows);
  const float* out = slot.Run(plan, source, kHorizon, 0, rows);
  return {out, out + rows * kHorizon * model.config().series() * model.head().width()};
}

// Training as fit() does it; the fitted weights.
inline std::vector<float> FittedWeights(NeuralModel& model, Engine& engine, const Panel& panel) {
  Fit(model, engine, panel, OptionsOf(model), JobControl{});
  return *model.weights();
}

inline bool AllFinite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace nf

#endif  // NF_TESTING_FIT_FIXTURE_H_
