// class Panel of types/native.d.ts.
#ifndef NF_BIND_PANEL_H_
#define NF_BIND_PANEL_H_

#include <napi.h>

#include <memory>

#include "bind/external_memory.h"
#include "data/panel.h"

namespace nf::bind {

class PanelWrap : public Napi::ObjectWrap<PanelWrap> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit PanelWrap(const Napi::CallbackInfo& info);
  static Napi::Object New(Napi::Env env, std::shared_ptr<const nf::Panel> panel);
  // Throws Error(kInvalidArgType) for any other value, Error(kDisposed) after dispose().
  static std::shared_ptr<const nf::Panel> From(Napi::Value value, const char* what);

 private:
  const nf::Panel& Live() const;
  Napi::Value SeriesCount(const Napi::CallbackInfo& info);
  Napi::Value RowCount(const Napi::CallbackInfo& info);
  Napi::Value ByteLength(const Napi::CallbackInfo& info);
  Napi::Value Tail(const Napi::CallbackInfo& info);
  void Dispose(const Napi::CallbackInfo& info);

  std::shared_ptr<const nf::Panel> panel_;  // jobs hold it too; null once disposed of
  ExternalMemory external_;
};

}  // namespace nf::bind

#endif  // NF_BIND_PANEL_H_
