// serialize, saveFile, deserialize and readHeader of types/native.d.ts.
#ifndef NF_BIND_BUNDLE_CALLS_H_
#define NF_BIND_BUNDLE_CALLS_H_

#include <napi.h>

namespace nf::bind {

void DefineBundleCalls(Napi::Env env, Napi::Object exports);

}  // namespace nf::bind

#endif  // NF_BIND_BUNDLE_CALLS_H_
