#include "bind/errors.h"

#include <exception>

namespace nf::bind {

Failure CurrentFailure() {
  try {
    throw;
  } catch (const Error& e) {
    return {e.code(), e.what()};
  } catch (const std::bad_alloc&) {
    return {ErrorCode::kOutOfMemory, "Not enough memory"};
  } catch (const std::exception& e) {
    return {ErrorCode::kInternal, e.what()};
  } catch (...) {
    return {ErrorCode::kInternal, "Unknown native exception"};
  }
}

Napi::Error MakeError(Napi::Env env, const Failure& failure) {
  Napi::Error error;
  if (failure.code == ErrorCode::kInvalidArgType) {
    error = Napi::TypeError::New(env, failure.message);
  } else if (failure.code == ErrorCode::kOutOfRange) {
    error = Napi::RangeError::New(env, failure.message);
  } else {
    error = Napi::Error::New(env, failure.message);
  }
  error.Set("code", CodeName(failure.code));
  return error;
}

}  // namespace nf::bind
