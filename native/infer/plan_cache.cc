#include "infer/plan_cache.h"

#include "util/error.h"

namespace nf {
namespace {

constexpr size_t kMostIdleStates = 32;  // one of each size, for the caller and for all threads

}  // namespace

PlanCache::PlanCache(const NeuralModel& model, Engine& engine) : model_(model), engine_(engine) {
  idle_.reserve(kMostIdleStates + 1);
}

PlanCache::PlanPtr PlanCache::MakePlan(const Weights& current) const {
  // The plan reads the slab it was packed from, so it shares its ownership.
  struct Kept {
    Weights weights;
    std::unique_ptr<ForecastPlan> plan;
  };
  auto kept = std::make_shared<Kept>();
  kept->weights = current;
  kept->plan = std::make_unique<ForecastPlan>(model_, engine_.kernels, engine_.pool);
  kept->plan->Pack(current->data());
  return {kept, kept->plan.get()};
}

PlanCache::PlanPtr PlanCache::Known(const Weights& current) {
  if (current != weights_) {
    weights_ = current;
    plan_ = nullptr;
    idle_.clear();
  }
  return plan_;
}

PlanCache::PlanPtr PlanCache::Plan() {
  const auto current = model_.weights();
  if (current == nullptr) {
    Fail(ErrorCode::kNotFitted, model_.alias() + " has no weights yet: call fit() or load() first");
  }
  {
    std::lock_guard lock(mutex_);
    if (auto known = Known(current)) return known;
  }
  // Outside the lock: other forecasts go on.
  auto fresh = MakePlan(current);
  std::lock_guard lock(mutex_);
  if (auto known = Known(current)) return known;
  return plan_ = fresh;
}

std::unique_ptr<RunState> PlanCache::Take(const ForecastPlan& plan, int64_t shard_rows,
                                          int64_t num_slots) {
  {
    std::lock_guard lock(mutex_);
    for (auto& entry : idle_) {
      if (entry->shard_rows != shard_rows ||
          static_cast<int64_t>(entry->slots.size()) < num_slots) {
        continue;
      }
      std::swap(entry, idle_.back());
      auto state = std::move(idle_.back());
      idle_.pop_back();
      ++stats_.plan_hits;
      return state;
    }
    ++stats_.plan_misses;
  }
  auto state = std::make_unique<RunState>();
  state->shard_rows = shard_rows;
  for (int64_t i = 0; i < num_slots; ++i) {
    state->slots.emplace_back(plan, model_.config(), model_.head(), engine_.pool, shard_rows);
  }
  return state;
}

void PlanCache::GiveBack(std::unique_ptr<RunState> state) {
  // Without a pool nothing is kept: each call allocates and frees.
  if (!engine_.options.pool.enabled) return;
  std::unique_ptr<RunState> dropped;  // destroyed outside the lock
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(state));
  if (idle_.size() > kMostIdleStates) {
    dropped = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
}

PlanCache::Stats PlanCache::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace nf
