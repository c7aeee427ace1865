// Native failures as JavaScript errors.
#ifndef NF_BIND_ERRORS_H_
#define NF_BIND_ERRORS_H_

#include <napi.h>

#include <new>
#include <string>

#include "util/error.h"

namespace nf::bind {

// What a job thread keeps of an exception until the JS thread can make an Error of it.
struct Failure {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

// The exception being handled; call inside a catch block.
Failure CurrentFailure();

// TypeError, RangeError or Error with a `code`, by the table in types/native.d.ts.
Napi::Error MakeError(Napi::Env env, const Failure& failure);

// Runs fn on the JS thread and turns what it throws into a JS exception with a code.
template <class Fn>
auto Guarded(Napi::Env env, Fn&& fn) {
  try {
    return fn();
  } catch (const Napi::Error&) {  // already JavaScript's: a getter of the caller's object threw
    throw;
  } catch (...) {
    throw MakeError(env, CurrentFailure());
  }
}

}  // namespace nf::bind

#endif  // NF_BIND_ERRORS_H_
