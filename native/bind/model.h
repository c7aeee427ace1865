// class Model of types/native.d.ts.
#ifndef NF_BIND_MODEL_H_
#define NF_BIND_MODEL_H_

#include <napi.h>

#include <memory>

#include "bind/engine.h"
#include "bind/external_memory.h"
#include "model/model.h"

namespace nf::bind {

// What a Model's wrapper and its jobs share. Destroyed on the JS thread, like both of them.
struct ModelCore {
  ModelCore(napi_env env, const std::shared_ptr<EngineState>& state,
            std::unique_ptr<nf::Model> model);
  ~ModelCore();

  // To V8, on the JS thread: weights and the engine's pool.
  void ReportMemory();

  std::shared_ptr<EngineState> engine_state;
  std::shared_ptr<nf::Engine> engine;
  std::unique_ptr<nf::Model> model;  // bound to the engine
  bool fitting = false;              // JS thread only

 private:
  ExternalMemory external_;
};

class ModelWrap : public Napi::ObjectWrap<ModelWrap> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit ModelWrap(const Napi::CallbackInfo& info);
  ~ModelWrap() override { Drop(); }
  static Napi::Object New(Napi::Env env, Napi::Object engine, std::shared_ptr<ModelCore> core);
  // Throws Error(kInvalidArgType) for any other value, Error(kDisposed) after dispose().
  static const std::shared_ptr<ModelCore>& From(Napi::Value value, const char* what);

  // dispose(): running jobs keep what they need.
  void Drop();

 private:
  using Info = const Napi::CallbackInfo&;
  const std::shared_ptr<ModelCore>& Live() const;

  Napi::Value ModelInfo(Info info);
  Napi::Value Fit(Info info);
  Napi::Value Predict(Info info);
  void PredictSync(Info info);
  Napi::Value PredictBatch(Info info);
  void PredictBatchSync(Info info);
  void Warmup(Info info);
  Napi::Value Stats(Info info);
  void Dispose(Info info);

  std::shared_ptr<ModelCore> core_;  // null once disposed of
};

}  // namespace nf::bind

#endif  // NF_BIND_MODEL_H_
