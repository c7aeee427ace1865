// A model that is fitted to each series by itself (local/): what it learned of them is kept.
#include <algorithm>
#include <mutex>

#include "config/intervals.h"
#include "local/predictor.h"
#include "local/trainer.h"
#include "model/file_parts.h"
#include "model/kinds.h"
#include "util/error.h"

namespace nf {
namespace {

// The point forecast, then the quantiles of the intervals that it has unasked, named as those of
// quantile losses are.
ModelFacts FactsOf(const ModelEntry& entry, const LocalModel& model, uint64_t seed) {
  const LocalModelConfig& config = model.config();
  ModelFacts facts{.name = entry.name,
                   .alias = model.alias,
                   .local = true,
                   .any_quantile = true,
                   .any_horizon = true,
                   .seed = seed,
                   .horizon = config.horizon,
                   .lookback = config.input_size,
                   .future_columns = config.future_exog.size(),
                   .columns = {model.alias},
                   .point = 0,
                   .quantiles = {std::nullopt}};
  for (const double quantile : QuantilesOfLevels(model.Levels())) {
    facts.columns.push_back(model.alias + QuantileSuffix(quantile));
    facts.quantiles.push_back(quantile);
  }
  return facts;
}

class Local final : public Model {
 public:
  Local(Engine& engine, ModelFacts facts, std::unique_ptr<LocalModel> model)
      : Model(std::move(facts)), engine_(engine), model_(std::move(model)) {}

  Json ConfigJson() const override { return FieldsToJson(model_->config()); }
  bool fitted() const override { return Learned() != nullptr; }
  int64_t num_parameters() const override {
    const auto learned = Learned();
    return learned == nullptr ? 0 : static_cast<int64_t>(learned->values.size());
  }
  size_t bytes() const override { return sizeof(double) * static_cast<size_t>(num_parameters()); }

  // Of training options it knows one: the unit of the validation loss.
  TrainConfig train_config() const override { return {}; }
  FitReport Fit(const Panel& panel, const FitOptions& options, const JobControl& control) override {
    const bool by_series = options.train.valid_loss_scale == "series";
    LocalFits fits =
        FitLocal(*model_, engine_.executor, panel, LocalFitOptions{{options}, by_series}, control);
    Learn(std::move(fits.learned));
    return std::move(fits.report);
  }

  int64_t known_steps(int64_t horizon) const override { return horizon; }

  size_t NumOutputs(std::span<const Output> quantiles) const override {
    const bool simulates = !model_->Levels().empty();
    for (const Output& q : quantiles)
      if (q && !(simulates && *q >= 0 && *q <= 1))
        Fail(ErrorCode::kOutOfRange, "quantiles must be null or from 0 to 1");
    return quantiles.size();
  }

  void Forecast(const PanelForecast& ask, const JobControl& control) override {
    const auto learned = Learned();
    NF_CHECK(learned != nullptr);
    PredictLocalPanel(*model_, ask.refit ? nullptr : learned.get(), engine_.executor, *ask.panel,
                      {ask.horizon, ask.future_ds, ask.ahead},
                      {ask.quantiles, ask.scaler, ask.on_caller_thread}, ask.out, control);
  }
  void Forecast(const WindowsForecast<float>& ask, const JobControl& control) override {
    Windows(ask, control);
  }
  void Forecast(const WindowsForecast<double>& ask, const JobControl& control) override {
    Windows(ask, control);
  }
  void Warmup(std::span<const int64_t>) override {}
  Predictor::Stats stats() const override { return {}; }

  std::shared_ptr<const void> Write(const std::string& prefix,
                                    std::vector<TensorView>& out) const override {
    auto learned = Learned();
    NF_CHECK(learned != nullptr);
    out.push_back({prefix + "offsets",
                   DType::kI64,
                   {static_cast<int64_t>(learned->offsets.size())},
                   AsBytes(std::span<const int64_t>(learned->offsets))});
    out.push_back({prefix + "parameters",
                   DType::kF64,
                   {static_cast<int64_t>(learned->values.size())},
                   AsBytes(std::span<const double>(learned->values))});
    return learned;
  }

  size_t Read(const std::string& prefix, const SafetensorsFile& file) override {
    LocalParameters learned;
    learned.offsets = ReadOffsets(file, prefix + "offsets");
    const TensorView& values = Shaped(file, prefix + "parameters", {learned.offsets.back()});
    learned.values.resize(static_cast<size_t>(values.NumElements()));
    values.CopyTo(std::span<double>(learned.values));
    for (int64_t s = 0; s < learned.num_series(); ++s)
      if (!model_->Valid(learned.of(s)))
        Corrupt("the parameters of " + alias() + " for series " + std::to_string(s) + " are none");
    Learn(std::move(learned));
    return 2;
  }

  void CheckSeries(const Panel& panel) const override {
    if (Learned()->num_series() != panel.num_series())
      Corrupt(alias() + " is fitted to another number of series");
  }

 private:
  template <class T>
  void Windows(const WindowsForecast<T>& ask, const JobControl& control) {
    PredictLocalWindows(*model_, engine_.executor, ask.windows,
                        {ask.quantiles, ask.scaler, ask.on_caller_thread},
                        std::span<const std::span<T>>(ask.out), control);
  }

  // Swapped whole, as the weights of a neural model are; null before the first fit or load.
  std::shared_ptr<const LocalParameters> Learned() const {
    std::lock_guard lock(mutex_);
    return learned_;
  }
  void Learn(LocalParameters parameters) {
    auto fresh = std::make_shared<const LocalParameters>(std::move(parameters));
    std::lock_guard lock(mutex_);
    learned_ = std::move(fresh);
  }

  Engine& engine_;
  const std::unique_ptr<LocalModel> model_;
  mutable std::mutex mutex_;  // guards the pointer
  std::shared_ptr<const LocalParameters> learned_;
};

}  // namespace

std::unique_ptr<Model> CreateLocal(Engine& engine, const ModelEntry& entry, std::string_view name,
                                   const Json& config, uint64_t seed, const std::string& path,
                                   const SavedModel* saved) {
  std::unique_ptr<LocalModel> model = entry.make_local(seed);
  LocalModelConfig& options = model->config();
  const Absent absent = saved != nullptr && saved->complete ? Absent::kFault : Absent::kDefault;
  ParseFields(config, options, path, {}, absent);
  CheckExog(entry, {options.future_exog, {}, {}}, path);
  model->Check(path);
  model->alias = SettleAlias(entry, name, options.alias);
  ModelFacts facts = FactsOf(entry, *model, seed);
  return std::make_unique<Local>(engine, std::move(facts), std::move(model));
}

}  // namespace nf
