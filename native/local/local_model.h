// Models that are fitted to one series at a time, from all its rows and their times, in double
// precision. What is learned of a series is a row of numbers that the model lays out itself; the
// trainer, the predictor and model files know this interface and no model.
#ifndef NF_LOCAL_LOCAL_MODEL_H_
#define NF_LOCAL_LOCAL_MODEL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/fields.h"
#include "util/job_control.h"

namespace nf {

// Options of every local model.
struct LocalModelConfig : Fields {
  int64_t horizon = 0;
  int64_t input_size = 0;  // of the windows that predictBatch fits; 0: none
  std::vector<std::string> future_exog;
  std::string alias;  // "": the model's name
  double days_per_step = 1.0;

  void VisitFields(FieldVisitor& v) override;
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

// What one output of a forecast is: a quantile, or else the point forecast.
using LocalOutput = std::optional<double>;

struct LocalForecast {
  std::span<const LocalOutput> outputs;
  std::span<std::span<double>> out;     // one an output, each [n]
  const JobControl* control = nullptr;  // for long simulations; may be null
};

class LocalModel {
 public:
  virtual ~LocalModel() = default;

  // Filled once, before anything else is asked.
  virtual LocalModelConfig& config() = 0;
  virtual const LocalModelConfig& config() const = 0;
  // What ranges cannot say; throws kOutOfRange, path begins the message.
  virtual void Check(const std::string& path) const = 0;
  // What its columns and messages call it.
  std::string alias;

  // The intervals that a forecast has when none is asked for, in percent; empty: it has none.
  virtual std::vector<double> Levels() const = 0;
  // rows are the observed ones; y [n] their values. Throws kSeriesTooShort, kOutOfRange,
  // kNonFinite, kAborted; messages name the series.
  virtual LocalFit Fit(const LocalRows& rows, std::span<const double> y,
                       const JobControl& control) const = 0;
  // Whether these can be a row of fitted parameters: they may come from a damaged file.
  virtual bool Valid(std::span<const double> parameters) const = 0;
  // At rows that may lie anywhere; the forecast depends on nothing but these arguments, the
  // options and the seed. Any thread.
  virtual void Forecast(std::span<const double> parameters, const LocalRows& rows,
                        const LocalForecast& forecast) const = 0;
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

#endif  // NF_LOCAL_LOCAL_MODEL_H_
