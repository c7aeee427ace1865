#include "infer/plan_cache.h"

#include <algorithm>

#include "util/error.h"

namespace nf {
namespace {

constexpr size_t kMostIdleStates = 32;  // one of each size, for the caller and for all threads
constexpr size_t kMostPlans = 4;        // of the trained horizon, and of the recurrent form others

}  // namespace

PlanCache::PlanCache(const NeuralModel& model, Engine& engine)
    : model_(model), engine_(engine), horizon_(model.config().horizon) {
  plans_.reserve(kMostPlans);
  idle_.reserve(kMostIdleStates + 1);
}

PlanCache::PlanPtr PlanCache::MakePlan(int64_t round, const Weights& current) const {
  // The plan reads its graph and the slab it was packed from, so it shares the ownership of both.
  struct Kept {
    Weights weights;
    std::unique_ptr<const Graph> graph;  // of another horizon than the model's own
    std::unique_ptr<ForwardPlan> plan;
  };
  auto kept = std::make_shared<Kept>();
  kept->weights = current;
  if (round != horizon_) kept->graph = model_.RecordForecast(round);
  const Graph& graph = kept->graph == nullptr ? model_.forecast_graph() : *kept->graph;
  kept->plan = std::make_unique<ForwardPlan>(graph, engine_.kernels, engine_.pool);
  kept->plan->Pack(current->data());
  return {kept, kept->plan.get()};
}

PlanCache::PlanPtr PlanCache::Known(int64_t round, const Weights& current) {
  if (current != weights_) {
    weights_ = current;
    plans_.clear();
    idle_.clear();
  }
  for (const RoundPlan& known : plans_) {
    if (known.round == round) return known.plan;
  }
  return nullptr;
}

PlanCache::PlanPtr PlanCache::Plan(int64_t round) {
  const auto current = model_.weights();
  if (current == nullptr) {
    Fail(ErrorCode::kNotFitted, model_.alias() + " has no weights yet: call fit() or load() first");
  }
  {
    std::lock_guard lock(mutex_);
    if (auto known = Known(round, current)) return known;
  }
  // Outside the lock: a long one takes a while, and forecasts of other horizons go on.
  auto fresh = MakePlan(round, current);
  std::lock_guard lock(mutex_);
  if (auto known = Known(round, current)) return known;
  if (plans_.size() == kMostPlans) {
    // The oldest of the others than the trained horizon makes room, and its memory with it.
    const auto old = std::find_if(plans_.begin(), plans_.end(),
                                  [&](const RoundPlan& p) { return p.round != horizon_; });
    std::erase_if(idle_, [&](const auto& state) { return state->round == old->round; });
    plans_.erase(old);
  }
  plans_.push_back({round, fresh});
  return fresh;
}

std::unique_ptr<RunState> PlanCache::Take(const Program& program, int64_t round, int64_t shard_rows,
                                          int64_t num_slots) {
  {
    std::lock_guard lock(mutex_);
    for (auto& entry : idle_) {
      if (entry->round != round || entry->shard_rows != shard_rows ||
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
  state->round = round;
  state->shard_rows = shard_rows;
  for (int64_t i = 0; i < num_slots; ++i) {
    state->slots.emplace_back(program, model_.config(), model_.head(), engine_.pool, shard_rows);
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
