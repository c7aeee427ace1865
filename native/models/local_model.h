// The second kind of model: fitted to one series at a time, from all its rows and their times, in
// double precision. There is no graph; what is learned of a series is a row of numbers that the
// model lays out itself. Trainer, predictor and model files know this interface and no model.
#ifndef NF_MODELS_LOCAL_MODEL_H_
#define NF_MODELS_LOCAL_MODEL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/config.h"
#include "util/job_control.h"

namespace nf {

// Options of every local model; those of windows and of training do not exist for it.
struct LocalModelConfig : ModelConfig {
  double days_per_step = 1.0;

  void VisitFields(FieldVisitor& v) override;
  // The intervals that a forecast has when none is asked for, in percent.
  virtual std::vector<double> Levels() const { return {}; }
};

// Rows of one series. Time is in days since 1970-01-01 (integer time: since 0).
struct LocalRows {
  std::span<const double> days;                  // [n], ascending
  std::vector<std::span<const double>> columns;  // each [n]: those of futureExog, in its order
  double units_per_day = 86400000.0;             // of times that stand in the configuration
  std::string name;                              // of the series, for messages
};

struct LocalFit {
  std::vector<double> parameters;
  double loss = 0.0;  // what the fit made least, per row
  // What the user should know of, a sentence each that names the series.
  std::vector<std::string> warnings = {};
};

struct LocalForecast {
  const void* prepared = nullptr;       // of LocalMethod::prepare, if there is one
  std::span<const double> quantiles;    // one an output; NaN: the point forecast
  std::span<std::span<double>> out;     // one an output, each [n]
  const JobControl* control = nullptr;  // for long simulations; may be null
};

struct LocalMethod {
  // rows are the observed ones; y [n] their values. Throws kSeriesTooShort, kOutOfRange,
  // kNonFinite, kAborted; messages name the series.
  LocalFit (*fit)(const ModelConfig& config, const LocalRows& rows, std::span<const double> y,
                  const JobControl& control);
  // Whether these can be a row of fitted parameters: they may come from a damaged file.
  bool (*valid)(const ModelConfig& config, std::span<const double> parameters);
  // What the forecasts of all series share, from the seed: made once for a model. May be null.
  std::shared_ptr<const void> (*prepare)(const ModelConfig& config, uint64_t seed) = nullptr;
  // At rows that may lie anywhere; the forecast depends on nothing but these arguments.
  void (*forecast)(const ModelConfig& config, std::span<const double> parameters,
                   const LocalRows& rows, const LocalForecast& forecast);
};

// What a local model has learned: the parameters of series s are values[offsets[s], offsets[s+1]).
struct LocalParameters {
  std::vector<int64_t> offsets = {0};
  std::vector<double> values;

  int64_t num_series() const { return static_cast<int64_t>(offsets.size()) - 1; }
  std::span<const double> of(int64_t series) const {
    const auto s = static_cast<size_t>(series);
    return std::span(values).subspan(static_cast<size_t>(offsets[s]),
                                     static_cast<size_t>(offsets[s + 1] - offsets[s]));
  }
};

}  // namespace nf

#endif  // NF_MODELS_LOCAL_MODEL_H_
