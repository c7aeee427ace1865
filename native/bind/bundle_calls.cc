#include "bind/bundle_calls.h"

#include <memory>
#include <string>
#include <vector>

#include "bind/convert.h"
#include "bind/engine.h"
#include "bind/environment.h"
#include "bind/errors.h"
#include "bind/jobs.h"
#include "bind/model.h"
#include "bind/model_file.h"
#include "bind/panel.h"
#include "model/bundle.h"
#include "store/files.h"

namespace nf::bind {
namespace {

// A BundleParts of types/native.d.ts, kept alive.
struct Parts {
  std::string header;
  std::vector<std::shared_ptr<ModelCore>> models;
  std::shared_ptr<const nf::Panel> panel;

  std::vector<uint8_t> Encode() const {
    std::vector<const nf::Model*> pointers;
    for (const auto& core : models) pointers.push_back(core->model.get());
    return EncodeBundle(header, pointers, panel.get());
  }
};

Parts ReadParts(Napi::Value value) {
  const Napi::Object source = ToObject(value, "parts");
  Parts parts;
  parts.header = GetString(source, "header");
  const Napi::Array models = ToArray(Get(source, "models"), "models");
  for (uint32_t i = 0, n = models.Length(); i < n; ++i)
    parts.models.push_back(ModelWrap::From(models.Get(i), "models"));
  if (const Napi::Value panel = Get(source, "panel"); !panel.IsUndefined())
    parts.panel = PanelWrap::From(panel, "panel");
  return parts;
}

class SaveJob : public Job {
 public:
  SaveJob(Napi::Env env, const EngineState* engine, std::string path, Parts parts)
      : Job(env, Lane::kForecast, engine), path_(std::move(path)), parts_(std::move(parts)) {}

  bool WritesFiles() const override { return true; }

  void Run(const JobControl& control) override {
    const std::vector<uint8_t> bytes = parts_.Encode();
    control.ThrowIfCancelled();
    WriteFileAtomic(path_, bytes, control);
  }

 private:
  const std::string path_;
  const Parts parts_;
};

// The bytes of a file in place, or a copy of them where another thread could change them while they
// are being checked.
class Bytes {
 public:
  explicit Bytes(Napi::Value value) : view_(ToSpan<uint8_t>(value, "bytes")) {
    if (!ToArrayView(value, "bytes").shared) return;
    copy_.assign(view_.begin(), view_.end());
    view_ = copy_;
  }
  std::span<const uint8_t> view() const { return view_; }

 private:
  std::span<const uint8_t> view_;
  std::vector<uint8_t> copy_;
};

Napi::Value Serialize(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    const std::vector<uint8_t> bytes = ReadParts(info[0]).Encode();
    Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
    std::copy(bytes.begin(), bytes.end(), array.Data());
    return array;
  });
}

Napi::Value SaveFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    const auto& state = EngineWrap::From(info[0], "engine").state();
    state->Live();
    return Environment::Of(env).jobs.Start(
        std::make_shared<SaveJob>(env, state.get(), ToString(info[1], "path"), ReadParts(info[2])));
  });
}

// What a file held, for JavaScript.
Napi::Object ContentsOf(Napi::Env env, Napi::Object engine,
                        const std::shared_ptr<EngineState>& state, Bundle bundle) {
  Napi::Array models = Napi::Array::New(env, bundle.models.size());
  for (uint32_t i = 0; i < bundle.models.size(); ++i)
    models.Set(
        i, ModelWrap::New(env, engine,
                          std::make_shared<ModelCore>(env, state, std::move(bundle.models[i]))));
  Napi::Object result = Napi::Object::New(env);
  result.Set("models", models);
  if (bundle.panel != nullptr) {
    result.Set("dsStep", bundle.panel->ds_step);
    result.Set("panel", PanelWrap::New(env, std::move(bundle.panel)));
  }
  return result;
}

class OpenJob : public Job {
 public:
  OpenJob(Napi::Env env, std::string path)
      : Job(env, Lane::kForecast, nullptr), path_(std::move(path)) {}

  void Run(const JobControl& control) override {
    auto contents = std::make_shared<FileContents>();
    contents->bytes = ReadWholeFile(path_, control);
    contents->header = BundleHeader(contents->bytes);
    contents_ = std::move(contents);
  }
  Napi::Value Result(Napi::Env env) override {
    return ModelFileWrap::New(env, std::move(contents_));
  }

 private:
  const std::string path_;
  std::shared_ptr<const FileContents> contents_;
};

class DecodeJob : public Job {
 public:
  DecodeJob(Napi::Env env, Napi::Object engine, std::shared_ptr<EngineState> state,
            std::shared_ptr<const FileContents> contents)
      : Job(env, Lane::kForecast, state.get()),
        engine_(Napi::Persistent(engine)),
        state_(std::move(state)),
        native_engine_(state_->Live()),
        contents_(std::move(contents)) {}

  void Run(const JobControl& control) override {
    bundle_ = DecodeBundle(contents_->bytes, *native_engine_, control);
    contents_.reset();
  }
  Napi::Value Result(Napi::Env env) override {
    return ContentsOf(env, engine_.Value(), state_, std::move(bundle_));
  }

 private:
  const Napi::ObjectReference engine_;
  const std::shared_ptr<EngineState> state_;
  const std::shared_ptr<nf::Engine> native_engine_;  // the models are bound to it
  std::shared_ptr<const FileContents> contents_;
  Bundle bundle_;
};

Napi::Value Deserialize(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    const auto& state = EngineWrap::From(info[0], "engine").state();
    return ContentsOf(env, info[0].As<Napi::Object>(), state,
                      DecodeBundle(Bytes(info[1]).view(), *state->Live()));
  });
}

Napi::Value OpenFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    return Environment::Of(env).jobs.Start(
        std::make_shared<OpenJob>(env, ToString(info[0], "path")));
  });
}

Napi::Value DecodeFile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return Guarded(env, [&]() -> Napi::Value {
    const auto& state = EngineWrap::From(info[0], "engine").state();
    state->Live();
    return Environment::Of(env).jobs.Start(std::make_shared<DecodeJob>(
        env, info[0].As<Napi::Object>(), state, ModelFileWrap::Take(info[1], "file")));
  });
}

Napi::Value ReadHeader(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return Napi::String::New(info.Env(), BundleHeader(Bytes(info[0]).view()));
  });
}

}  // namespace

void DefineBundleCalls(Napi::Env env, Napi::Object exports) {
  exports.Set("serialize", Napi::Function::New<Serialize>(env, "serialize"));
  exports.Set("saveFile", Napi::Function::New<SaveFile>(env, "saveFile"));
  exports.Set("deserialize", Napi::Function::New<Deserialize>(env, "deserialize"));
  exports.Set("openFile", Napi::Function::New<OpenFile>(env, "openFile"));
  exports.Set("decodeFile", Napi::Function::New<DecodeFile>(env, "decodeFile"));
  exports.Set("readHeader", Napi::Function::New<ReadHeader>(env, "readHeader"));
}

}  // namespace nf::bind
