#include "bind/engine.h"

#include "bind/convert.h"
#include "bind/environment.h"
#include "bind/errors.h"
#include "bind/free_aside.h"
#include "bind/model.h"
#include "bind/tags.h"

namespace nf::bind {
namespace {

constexpr int64_t kMaxThreads = 1024;
constexpr int64_t kMaxBytes = int64_t{1} << 53;

nf::EngineOptions ReadOptions(Napi::Value value) {
  const Napi::Object options = ToObject(value, "options");
  const Napi::Object pool = ToObject(Get(options, "memoryPool"), "memoryPool");
  nf::EngineOptions result;
  result.num_threads = static_cast<int>(GetInteger(options, "numThreads", 1, kMaxThreads));
  result.simd_enabled = GetBool(options, "simdEnabled");
  result.low_memory = GetBool(options, "lowMemory");
  result.pool.enabled = GetBool(pool, "enabled");
  result.pool.max_bytes = static_cast<size_t>(GetInteger(pool, "maxBytes", 0, kMaxBytes));
  result.pool.auto_tune = GetBool(pool, "autoTune");
  return result;
}

}  // namespace

size_t PoolBytes(const nf::Engine& engine) {
  const PoolStats pool = engine.pool.stats();
  return pool.bytes_in_use + pool.bytes_cached;
}

const std::shared_ptr<nf::Engine>& EngineState::Live() const {
  if (engine == nullptr) Fail(ErrorCode::kDisposed, "The engine was disposed of");
  return engine;
}

void EngineState::ReportMemory() { external.Set(engine == nullptr ? 0 : PoolBytes(*engine)); }

Napi::Function EngineWrap::Define(Napi::Env env) {
  return DefineClass(env, "Engine",
                     {InstanceMethod<&EngineWrap::Stats>("stats"),
                      InstanceMethod<&EngineWrap::Dispose>("dispose")});
}

EngineWrap::EngineWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), state_(std::make_shared<EngineState>(info.Env())) {
  Guarded(info.Env(), [&] {
    state_->engine = std::make_shared<nf::Engine>(ReadOptions(info[0]));
    if (GetBool(ToObject(info[0], "options"), "lowPriority"))
      state_->training_lane = Lane::kLowTraining;
    Value().TypeTag(&kEngineTag);
  });
}

EngineWrap& EngineWrap::From(Napi::Value value, const char* what) {
  return bind::Unwrap<EngineWrap>(value, kEngineTag, what, "an Engine");
}

Napi::Value EngineWrap::Stats(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    const nf::Engine& engine = *state_->Live();
    const PoolStats s = engine.pool.stats();
    const double calls = static_cast<double>(s.hits + s.misses);
    Napi::Object pool = Napi::Object::New(env);
    pool.Set("hits", static_cast<double>(s.hits));
    pool.Set("misses", static_cast<double>(s.misses));
    pool.Set("hitRate", calls > 0 ? static_cast<double>(s.hits) / calls : 0.0);
    pool.Set("bytesInUse", static_cast<double>(s.bytes_in_use));
    pool.Set("bytesCached", static_cast<double>(s.bytes_cached));
    pool.Set("peakBytes", static_cast<double>(s.peak_bytes));
    Napi::Object stats = Napi::Object::New(env);
    stats.Set("pool", pool);
    stats.Set("target", engine.kernels.target);
    stats.Set("threads", engine.executor.num_threads());
    return stats;
  });
}

void EngineWrap::Dispose(const Napi::CallbackInfo& info) {
  Guarded(info.Env(), [&] {
    Environment::Of(info.Env()).jobs.Abandon(state_.get());
    while (!state_->models.empty()) (*state_->models.begin())->Drop();
    if (state_->engine == nullptr) return;
    const size_t bytes = PoolBytes(*state_->engine);
    FreeAside(std::exchange(state_->engine, nullptr), bytes);
    state_->ReportMemory();
  });
}

}  // namespace nf::bind
