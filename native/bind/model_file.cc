#include "bind/model_file.h"

#include "bind/convert.h"
#include "bind/environment.h"
#include "bind/errors.h"
#include "bind/tags.h"

namespace nf::bind {

Napi::Function ModelFileWrap::Define(Napi::Env env) {
  return DefineClass(env, "ModelFile",
                     {InstanceAccessor<&ModelFileWrap::Header>("header"),
                      InstanceMethod<&ModelFileWrap::Dispose>("dispose")});
}

ModelFileWrap::ModelFileWrap(const Napi::CallbackInfo& info)
    : ObjectWrap(info), external_(info.Env()) {
  Guarded(info.Env(), [&] {
    contents_ = std::exchange(Environment::Of(info.Env()).new_file, nullptr);
    if (contents_ == nullptr) FailType("ModelFile", "what openFile() gives");
    external_.Set(contents_->bytes.size());
    Value().TypeTag(&kModelFileTag);
  });
}

Napi::Object ModelFileWrap::New(Napi::Env env, std::shared_ptr<const FileContents> contents) {
  Environment& environment = Environment::Of(env);
  environment.new_file = std::move(contents);
  return environment.model_file_class.New({});
}

std::shared_ptr<const FileContents> ModelFileWrap::Take(Napi::Value value, const char* what) {
  auto contents = bind::Unwrap<ModelFileWrap>(value, kModelFileTag, what, "a ModelFile").Taken();
  if (contents == nullptr) Fail(ErrorCode::kDisposed, "The model file was decoded already");
  return contents;
}

std::shared_ptr<const FileContents> ModelFileWrap::Taken() {
  external_.Set(0);
  return std::exchange(contents_, nullptr);
}

Napi::Value ModelFileWrap::Header(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    if (contents_ == nullptr) Fail(ErrorCode::kDisposed, "The model file was decoded already");
    return Napi::String::New(info.Env(), contents_->header);
  });
}

void ModelFileWrap::Dispose(const Napi::CallbackInfo&) { Taken(); }

}  // namespace nf::bind
