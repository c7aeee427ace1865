// What the forecasts of one (model, engine) pair keep between calls: plans with their packed
// weights, and the memory that a call works in.
#ifndef NF_INFER_PLAN_CACHE_H_
#define NF_INFER_PLAN_CACHE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/engine.h"
#include "engine/forecast_rows.h"
#include "engine/neural_model.h"

namespace nf {

// Memory of one call: a slot a thread.
struct RunState {
  int64_t shard_rows = 0;
  std::vector<ForecastSlot> slots;
};

// Thread-safe.
class PlanCache {
 public:
  using Weights = std::shared_ptr<const std::vector<float>>;
  using PlanPtr = std::shared_ptr<const ForecastPlan>;

  PlanCache(const NeuralModel& model, Engine& engine);

  // The plan of the model's present weights, which it keeps alive; throws kNotFitted without any.
  PlanPtr Plan();
  std::unique_ptr<RunState> Take(const ForecastPlan& plan, int64_t shard_rows, int64_t num_slots);
  void GiveBack(std::unique_ptr<RunState> state);

  // Memory that was there, and that had to be made.
  struct Stats {
    uint64_t plan_hits = 0, plan_misses = 0;
  };
  Stats stats() const;

 private:
  PlanPtr MakePlan(const Weights& current) const;
  // Under the lock: the one that is kept, or null; forgets that of other weights.
  PlanPtr Known(const Weights& current);

  const NeuralModel& model_;
  Engine& engine_;
  mutable std::mutex mutex_;  // guards what follows
  Weights weights_;
  PlanPtr plan_;  // of weights_
  std::vector<std::unique_ptr<RunState>> idle_;
  Stats stats_;
};

}  // namespace nf

#endif  // NF_INFER_PLAN_CACHE_H_
