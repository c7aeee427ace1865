// class ModelFile of types/native.d.ts: a file that a job has read, not decoded yet.
#ifndef NF_BIND_MODEL_FILE_H_
#define NF_BIND_MODEL_FILE_H_

#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bind/external_memory.h"

namespace nf::bind {

struct FileContents {
  std::vector<uint8_t> bytes;
  std::string header;
};

class ModelFileWrap : public Napi::ObjectWrap<ModelFileWrap> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit ModelFileWrap(const Napi::CallbackInfo& info);
  static Napi::Object New(Napi::Env env, std::shared_ptr<const FileContents> contents);
  // Once: the object is empty then. Throws Error(kInvalidArgType) for any other value,
  // Error(kDisposed) the second time.
  static std::shared_ptr<const FileContents> Take(Napi::Value value, const char* what);

 private:
  Napi::Value Header(const Napi::CallbackInfo& info);
  void Dispose(const Napi::CallbackInfo& info);

  std::shared_ptr<const FileContents> Taken();
  std::shared_ptr<const FileContents> contents_;  // null once taken or disposed of
  ExternalMemory external_;
};

}  // namespace nf::bind

#endif  // NF_BIND_MODEL_FILE_H_
