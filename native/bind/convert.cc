#include "bind/convert.h"

#include <cmath>

#include "util/error.h"

namespace nf::bind {

void FailType(const char* what, const char* expected) {
  Fail(ErrorCode::kInvalidArgType, std::string(what) + " must be " + expected);
}

ArrayView ToArrayView(Napi::Value value, const char* what) {
  // Node versions that know an array type which their Node-API does not (Float16Array) leave the
  // type unwritten: it must start invalid.
  napi_typedarray_type type = static_cast<napi_typedarray_type>(-1);
  ArrayView view{type, nullptr, 0, false};
  napi_env env = value.Env();
  bool is_array = false, plain = false;
  napi_value buffer = nullptr;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, value, &type, &view.length, &view.data, &buffer, nullptr) !=
          napi_ok ||
      napi_is_arraybuffer(env, buffer, &plain) != napi_ok)
    FailType(what, "a typed array");
  view.type = type;
  view.shared = !plain;
  if (view.data == nullptr) view.length = 0;
  return view;
}

Napi::Object ToObject(Napi::Value value, const char* what) {
  if (!value.IsObject()) FailType(what, "an object");
  return value.As<Napi::Object>();
}

Napi::Array ToArray(Napi::Value value, const char* what) {
  if (!value.IsArray()) FailType(what, "an array");
  return value.As<Napi::Array>();
}

std::string ToString(Napi::Value value, const char* what) {
  if (!value.IsString()) FailType(what, "a string");
  return value.As<Napi::String>().Utf8Value();
}

bool ToBool(Napi::Value value, const char* what) {
  if (!value.IsBoolean()) FailType(what, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

int64_t ToInteger(Napi::Value value, const char* what, int64_t min, int64_t max) {
  if (!value.IsNumber()) FailType(what, "a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  // The largest double below 2^63: beyond it the cast is undefined.
  if (number != std::floor(number) || std::fabs(number) > 9007199254740992.0 ||
      static_cast<int64_t>(number) < min || static_cast<int64_t>(number) > max)
    Fail(ErrorCode::kOutOfRange, std::string(what) + " must be an integer from " +
                                     std::to_string(min) + " to " + std::to_string(max));
  return static_cast<int64_t>(number);
}

std::vector<std::string> ToStrings(Napi::Value value, const char* what) {
  const Napi::Array array = ToArray(value, what);
  std::vector<std::string> strings;
  for (uint32_t i = 0, n = array.Length(); i < n; ++i) {
    Napi::HandleScope scope(array.Env());
    strings.push_back(ToString(array.Get(i), what));
  }
  return strings;
}

Napi::Value Get(Napi::Object object, const char* key) { return object.Get(key); }

void CheckLength(const char* what, size_t actual, size_t expected) {
  if (actual != expected)
    Fail(ErrorCode::kOutOfRange, std::string(what) + " must hold " + std::to_string(expected) +
                                     " values; got " + std::to_string(actual));
}

Napi::Array FromStrings(Napi::Env env, const std::vector<std::string>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); ++i) array.Set(static_cast<uint32_t>(i), values[i]);
  return array;
}

}  // namespace nf::bind
