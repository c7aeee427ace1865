// Forecasts of a local model.
#ifndef NF_LOCAL_PREDICTOR_H_
#define NF_LOCAL_PREDICTOR_H_

#include <span>

#include "data/local_scaler.h"
#include "data/panel.h"
#include "local/local_model.h"
#include "parallel/executor.h"

namespace nf {

// What is asked for beside the series.
struct LocalAsk {
  std::span<const LocalOutput> outputs;
  LocalScalerType local_scaler = LocalScalerType::kNone;
  bool on_caller_thread = false;  // no other thread is used or woken
};

// After the end of every series of a panel, in the layouts of Predictor::PredictPanel.
struct LocalAhead {
  int64_t horizon = 0;
  std::span<const double> ds;                        // [num_series, horizon], the panel's unit
  std::span<const std::span<const double>> columns;  // those of futureExog, each alike
};

// learned: of the panel's series, of which only the timestamps' unit (and, with local scaling,
// every row) is looked at; null: series that the model was not fitted to, so it is fitted to them
// first, for this forecast alone. out: one an output, each [num_series, horizon].
void PredictLocalPanel(const LocalModel& model, const LocalParameters* learned, Executor& executor,
                       const Panel& panel, const LocalAhead& ahead, const LocalAsk& ask,
                       std::span<const std::span<double>> out, const JobControl& control);

// Fits each of the raw windows [n, inputSize], whose rows are counted, and forecasts what follows:
// out[c] is [n, horizon]. Models with exogenous inputs throw kUnsupported.
template <class T>
void PredictLocalWindows(const LocalModel& model, Executor& executor, std::span<const T> windows,
                         const LocalAsk& ask, std::span<const std::span<T>> out,
                         const JobControl& control);

}  // namespace nf

#endif  // NF_LOCAL_PREDICTOR_H_
