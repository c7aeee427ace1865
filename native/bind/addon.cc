// The module's exports.
#include <napi.h>

#include "bind/bundle_calls.h"
#include "bind/convert.h"
#include "bind/describe.h"
#include "bind/engine.h"
#include "bind/environment.h"
#include "bind/errors.h"
#include "bind/model.h"
#include "bind/model_file.h"
#include "bind/panel.h"
#include "config/option_hint.h"

namespace nf::bind {
namespace {

Napi::Value DescribeCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(),
                 [&]() -> Napi::Value { return Napi::String::New(info.Env(), Describe()); });
}

Napi::Value OptionHintCall(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::string hint = OptionHint(ToString(info[0], "name"), ToStrings(info[1], "known"));
    return Napi::String::New(info.Env(), hint);
  });
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment(env);
  env.SetInstanceData(environment);
  const Napi::Function panel = PanelWrap::Define(env);
  const Napi::Function model = ModelWrap::Define(env);
  environment->panel_class = Napi::Persistent(panel);
  environment->model_class = Napi::Persistent(model);
  environment->model_file_class = Napi::Persistent(ModelFileWrap::Define(env));
  exports.Set("Engine", EngineWrap::Define(env));
  exports.Set("Panel", panel);
  exports.Set("Model", model);
  DefineBundleCalls(env, exports);
  exports.Set("describe", Napi::Function::New<DescribeCall>(env, "describe"));
  exports.Set("optionHint", Napi::Function::New<OptionHintCall>(env, "optionHint"));
  exports.Set("version", NF_VERSION);
  return exports;
}

}  // namespace
}  // namespace nf::bind

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) {
  return nf::bind::Init(env, exports);
}
NODE_API_MODULE(neural_forecaster, InitModule)
