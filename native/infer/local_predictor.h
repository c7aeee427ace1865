// Forecasts of a fitted local model (models/local_model.h).
#ifndef NF_INFER_LOCAL_PREDICTOR_H_
#define NF_INFER_LOCAL_PREDICTOR_H_

#include <span>

#include "data/local_scaler.h"
#include "data/panel.h"
#include "engine/engine.h"
#include "engine/model.h"
#include "util/job_control.h"

namespace nf {

// What is asked for beside the series.
struct LocalAsk {
  std::span<const double> quantiles;  // one an output; NaN: the point forecast
  LocalScalerType local_scaler = LocalScalerType::kNone;
  bool on_caller_thread = false;  // no other thread is used or woken
};

// Forecasts `horizon` steps after the end of every series. refit: series that the model was not
// fitted to, so it is fitted to them first, for this forecast alone; else those of the fit, of
// which only the timestamps' unit (and, with local scaling, every row) is looked at. future_ds
// [num_series, horizon], ahead and out as Predictor::PredictPanel has them.
void PredictLocalPanel(const Model& model, Engine& engine, const Panel& panel, bool refit,
                       std::span<const double> future_ds,
                       std::span<const std::span<const double>> ahead, int64_t horizon,
                       const LocalAsk& ask, std::span<const std::span<double>> out,
                       const JobControl& control);

// Fits each of the raw windows [n, inputSize], whose rows are counted, and forecasts what follows:
// out[c] is [n, horizon]. Models with exogenous inputs throw kUnsupported.
template <class T>
void PredictLocalWindows(const Model& model, Engine& engine, std::span<const T> windows,
                         const LocalAsk& ask, std::span<const std::span<T>> out,
                         const JobControl& control);

}  // namespace nf

#endif  // NF_INFER_LOCAL_PREDICTOR_H_
