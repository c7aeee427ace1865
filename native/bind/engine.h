// class Engine of types/native.d.ts.
#ifndef NF_BIND_ENGINE_H_
#define NF_BIND_ENGINE_H_

#include <napi.h>

#include <memory>
#include <unordered_set>

#include "bind/external_memory.h"
#include "bind/jobs.h"
#include "engine/engine.h"

namespace nf::bind {

class ModelWrap;

// What an Engine's wrapper and those of its models share. JS thread only.
struct EngineState {
  explicit EngineState(napi_env env) : external(env) {}

  // Jobs hold it too, so that it outlives them whatever JavaScript drops. Null once disposed of.
  std::shared_ptr<nf::Engine> engine;
  Lane training_lane = Lane::kTraining;
  std::unordered_set<ModelWrap*> models;  // disposed of with the engine
  ExternalMemory external;                // the pool's bytes

  // Throws Error(kDisposed) after dispose().
  const std::shared_ptr<nf::Engine>& Live() const;
  void ReportMemory();
};

// Handed out and cached.
size_t PoolBytes(const nf::Engine& engine);

class EngineWrap : public Napi::ObjectWrap<EngineWrap> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit EngineWrap(const Napi::CallbackInfo& info);
  // Throws Error(kInvalidArgType) for any other value.
  static EngineWrap& From(Napi::Value value, const char* what);

  const std::shared_ptr<EngineState>& state() const { return state_; }

 private:
  Napi::Value Stats(const Napi::CallbackInfo& info);
  void Dispose(const Napi::CallbackInfo& info);

  std::shared_ptr<EngineState> state_;
};

}  // namespace nf::bind

#endif  // NF_BIND_ENGINE_H_
