// Forecasts from a fitted model.
#ifndef NF_INFER_PREDICTOR_H_
#define NF_INFER_PREDICTOR_H_

#include <memory>
#include <span>
#include <vector>

#include "data/local_scaler.h"
#include "data/panel.h"
#include "engine/engine.h"
#include "engine/neural_model.h"
#include "heads/head.h"
#include "infer/plan_cache.h"
#include "util/job_control.h"

namespace nf {

// Plans, packed weights and memory of one (model, engine) pair, kept between calls. Thread-safe:
// calls that run at once each take their own run state.
class Predictor {
 public:
  Predictor(const NeuralModel& model, Engine& engine);
  ~Predictor();

  // Forecasts `horizon` steps after the end of every series; how it goes beyond the trained
  // horizon: infer/rolling.h. ahead[f] holds future column f, [num_series, known_steps(horizon)].
  // out[c] is output column c, [num_series, horizon]: the loss's own, or of a distribution what is
  // asked, of which the first is the point forecast. Local scaling is fitted on the panel and
  // inverted.
  void PredictPanel(const Panel& panel, std::span<const std::span<const double>> ahead,
                    int64_t horizon, LocalScalerType local_scaler,
                    std::span<const std::span<double>> out, const JobControl& control,
                    bool on_caller_thread, const Asked& asked = {});

  // Steps of the future columns that PredictPanel reads. Throws kUnsupported where it cannot go so
  // far: with historic columns, which it would need too.
  int64_t known_steps(int64_t horizon) const;

  // Raw lookback windows, [n, inputSize], to all outputs: out[c] is [n, horizon]. Of a multivariate
  // model n is a multiple of N: every N windows in turn are those of its series, forecast together.
  // Models with exogenous inputs throw kUnsupported. on_caller_thread: no other thread is used or
  // woken.
  template <class T>
  void PredictWindows(std::span<const T> windows, LocalScalerType local_scaler,
                      std::span<const std::span<T>> out, const JobControl& control,
                      bool on_caller_thread, const Asked& asked = {});

  // Plans and touches the memory for batches of these sizes.
  void Warmup(std::span<const int64_t> batch_sizes);

  using Stats = PlanCache::Stats;
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nf

#endif  // NF_INFER_PREDICTOR_H_
