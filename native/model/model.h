// A model of either kind, bound to the engine that it computes with, and what it has learned. Who
// fits, forecasts or saves knows this interface and neither kind: neural.cc (a graph, trained on
// windows) and local.cc (fitted to each series by itself) stand behind it.
#ifndef NF_MODEL_MODEL_H_
#define NF_MODEL_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/local_scaler.h"
#include "data/panel.h"
#include "engine/engine.h"
#include "engine/neural_model.h"
#include "infer/predictor.h"
#include "train/trainer.h"
#include "util/json.h"

namespace nf {

// What does not change from a model's making on.
struct ModelFacts {
  std::string name;   // "NHITS"
  std::string alias;  // column name
  // Fitted to each series by itself: a forecast says the timestamps and whether to fit to the
  // series first.
  bool local = false;
  // Any quantile can be asked of it, and a forecast says which; and so many samples as it says.
  bool any_quantile = false, samples = false;
  // Its loss takes the values of y as they are: counts, amounts, 0 and 1.
  bool own_unit = false;
  // Forecasts step by step, or of any time by itself: reads the future columns of no step beyond
  // the horizon that is asked for.
  bool any_horizon = false;
  uint64_t seed = 1;
  int64_t horizon = 0;
  int64_t lookback = 0;  // length of the raw windows that it forecasts from; 0: from none
  int64_t series = 1;    // that it forecasts together: so many windows in turn are one row
  size_t future_columns = 0;
  // Of a forecast of which nothing else is asked: names, which is the point forecast, what each is.
  std::vector<std::string> columns;
  int64_t point = 0;
  std::vector<Output> quantiles;
};

// Forecasts after the end of every series of a panel.
struct PanelForecast {
  const Panel* panel = nullptr;
  int64_t horizon = 0;
  LocalScalerType scaler = LocalScalerType::kNone;  // fitted on the panel and inverted
  // One a future column, [num_series, known_steps(horizon)].
  std::vector<std::span<const double>> ahead = {};
  std::vector<std::span<double>> out = {};  // one an output, [num_series, horizon]
  bool on_caller_thread = false;            // no other thread is used or woken
  // Where any quantile can be asked: the outputs, first the point forecast, and the samples behind.
  std::vector<Output> quantiles = {};
  int64_t samples = 0;
  // Asked of local models alone: the timestamps of the horizon, and whether the panel is not the
  // one of the fit, so that it is fitted to first.
  std::span<const double> future_ds = {};
  bool refit = false;
};

// Forecasts of raw lookback windows, [n, lookback]; n is a multiple of ModelFacts::series.
template <class T>
struct WindowsForecast {
  std::span<const T> windows;
  LocalScalerType scaler = LocalScalerType::kNone;
  std::vector<std::span<T>> out = {};  // one an output, [n, horizon]
  std::vector<Output> quantiles = {};  // where any can be asked
  bool on_caller_thread = false;
};

class Model {
 public:
  // Parses and checks the config: unknown names, ranges, and whether the model supports what is
  // asked. Messages begin with `path` ("models[0]: NHITS"). saved: of a file, of which nothing but
  // the shapes is read yet.
  static std::unique_ptr<Model> Create(Engine& engine, std::string_view name, const Json& config,
                                       uint64_t seed, const std::string& path,
                                       const SavedModel* saved = nullptr);
  virtual ~Model() = default;

  const ModelFacts& facts() const { return facts_; }
  const std::string& alias() const { return facts_.alias; }
  virtual Json ConfigJson() const = 0;  // resolved, every field
  virtual bool fitted() const = 0;
  virtual int64_t num_parameters() const = 0;
  virtual size_t bytes() const = 0;  // of what it has learned
  void CheckFitted() const;          // throws kNotFitted
  // Throws kUnsupported where a local scaler would change what the loss counts.
  void CheckScaler(LocalScalerType scaler) const;

  // As configured: what fit()'s own options are laid over.
  virtual TrainConfig train_config() const = 0;
  // Throws kAborted (the model is left as it was), kDiverged (the model keeps the last good
  // weights), kSeriesTooShort, kMissingExog, kOutOfRange, kOutOfMemory.
  virtual FitReport Fit(const Panel& panel, const FitOptions& options,
                        const JobControl& control) = 0;

  // Steps of the future columns that a forecast reads; throws where it cannot go so far.
  virtual int64_t known_steps(int64_t horizon) const = 0;
  // How many columns a forecast has that asks for these; throws kOutOfRange for what is none.
  virtual size_t NumOutputs(std::span<const Output> quantiles) const = 0;
  // Forecasts throw kNotFitted, kNonFinite, kSeriesTooShort, kUnsupported, kAborted. Calls may run
  // at once, also with a fit: they see what was learned before it or after it.
  virtual void Forecast(const PanelForecast& ask, const JobControl& control) = 0;
  virtual void Forecast(const WindowsForecast<float>& ask, const JobControl& control) = 0;
  virtual void Forecast(const WindowsForecast<double>& ask, const JobControl& control) = 0;
  // Plans and touches the memory for batches of these sizes, where there is anything to plan.
  virtual void Warmup(std::span<const int64_t> batch_sizes) = 0;
  virtual Predictor::Stats stats() const = 0;

  // What was learned, as tensors whose names begin with `prefix`: views into what the result keeps
  // alive. Throws kNotFitted.
  virtual std::shared_ptr<const void> Write(const std::string& prefix,
                                            std::vector<TensorView>& out) const = 0;
  // Takes it from such tensors and says how many there are; throws kCorruptModel.
  virtual size_t Read(const std::string& prefix, const SafetensorsFile& file) = 0;
  // Whether it can be of this panel's series, where that matters; throws kCorruptModel.
  virtual void CheckSeries(const Panel& panel) const = 0;

 protected:
  explicit Model(ModelFacts facts) : facts_(std::move(facts)) {}

 private:
  const ModelFacts facts_;
};

// Of a neural model that is made already.
std::unique_ptr<Model> MakeNeural(Engine& engine, std::unique_ptr<NeuralModel> model);

}  // namespace nf

#endif  // NF_MODEL_MODEL_H_
