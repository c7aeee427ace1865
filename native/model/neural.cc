// A neural model: trained on windows (train/), forecasting through plans that are kept (infer/).
#include <algorithm>
#include <cmath>

#include "graph/graph.h"
#include "heads/head.h"
#include "model/file_parts.h"
#include "model/model.h"
#include "util/error.h"

namespace nf {
namespace {

ModelFacts FactsOf(const NeuralModel& model) {
  const ModelConfig& config = model.config();
  const bool any = model.head().any_quantile();
  ModelFacts facts{.name = model.name(),
                   .alias = model.alias(),
                   .any_quantile = any,
                   .samples = any,
                   .own_unit = model.head().target_unit() == TargetUnit::kOriginal,
                   .any_horizon = config.feeds_back(),
                   .seed = model.seed(),
                   .horizon = config.horizon,
                   .lookback = config.lookback(),
                   .series = config.series(),
                   .future_columns = config.future_exog.size(),
                   .columns = model.OutputColumns(),
                   .point = model.point_output(),
                   .quantiles = {}};
  if (any) facts.quantiles.push_back(std::nullopt);  // the mean, or the median of an IQLoss
  for (double quantile : config.loss.OutputQuantiles()) facts.quantiles.push_back(quantile);
  facts.quantiles.resize(facts.columns.size());
  return facts;
}

class Neural final : public Model {
 public:
  Neural(Engine& engine, std::unique_ptr<NeuralModel> model)
      : Model(FactsOf(*model)),
        engine_(engine),
        model_(std::move(model)),
        predictor_(*model_, engine) {}

  Json ConfigJson() const override { return model_->ConfigJson(); }
  bool fitted() const override { return model_->fitted(); }
  int64_t num_parameters() const override { return model_->num_parameters(); }
  size_t bytes() const override {
    const auto weights = model_->weights();
    return weights == nullptr ? 0 : sizeof(float) * weights->size();
  }

  TrainConfig train_config() const override { return model_->config(); }
  FitReport Fit(const Panel& panel, const FitOptions& options, const JobControl& control) override {
    return nf::Fit(*model_, engine_, panel, options, control);
  }

  int64_t known_steps(int64_t horizon) const override { return predictor_.known_steps(horizon); }
  size_t NumOutputs(std::span<const Output> quantiles) const override {
    if (!facts().any_quantile) return facts().columns.size();
    if (quantiles.empty() || quantiles[0])
      Fail(ErrorCode::kOutOfRange, "quantiles must begin with null");
    for (const Output& q : quantiles)
      if (q && !(*q > 0 && *q < 1)) Fail(ErrorCode::kOutOfRange, "quantiles must lie in (0, 1)");
    return quantiles.size();
  }
  void Forecast(const PanelForecast& ask, const JobControl& control) override {
    predictor_.PredictPanel(*ask.panel, ask.ahead, ask.horizon, ask.scaler, ask.out, control,
                            ask.on_caller_thread,
                            {.outputs = ask.quantiles, .samples = ask.samples});
  }
  void Forecast(const WindowsForecast<float>& ask, const JobControl& control) override {
    Windows(ask, control);
  }
  void Forecast(const WindowsForecast<double>& ask, const JobControl& control) override {
    Windows(ask, control);
  }
  void Warmup(std::span<const int64_t> batch_sizes) override { predictor_.Warmup(batch_sizes); }
  Predictor::Stats stats() const override { return predictor_.stats(); }

  std::shared_ptr<const void> Write(const std::string& prefix,
                                    std::vector<TensorView>& out) const override {
    const auto weights = model_->weights();
    NF_CHECK(weights != nullptr);
    model_->AppendTensors(prefix, *weights, out);
    return weights;
  }

  size_t Read(const std::string& prefix, const SafetensorsFile& file) override {
    std::vector<float> weights = model_->ReadTensors(prefix, file);
    if (!std::all_of(weights.begin(), weights.end(), [](float w) { return std::isfinite(w); }))
      Corrupt("a weight of " + alias() + " is not finite");
    model_->SetWeights(std::move(weights));
    return model_->graph().stored.size();
  }

  // A file may hold models alone.
  void CheckSeries(const Panel& panel) const override {
    if (panel.num_series() == 0) return;
    try {
      model_->CheckPanel(panel);
    } catch (const Error& error) {
      Corrupt(error.what());
    }
  }

 private:
  template <class T>
  void Windows(const WindowsForecast<T>& ask, const JobControl& control) {
    predictor_.PredictWindows(ask.windows, ask.scaler, std::span<const std::span<T>>(ask.out),
                              control, ask.on_caller_thread, {.outputs = ask.quantiles});
  }

  Engine& engine_;
  const std::unique_ptr<NeuralModel> model_;
  Predictor predictor_;
};

}  // namespace

std::unique_ptr<Model> MakeNeural(Engine& engine, std::unique_ptr<NeuralModel> model) {
  return std::make_unique<Neural>(engine, std::move(model));
}

}  // namespace nf
