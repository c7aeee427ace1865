// JavaScript values to C++ and back. lib/ has validated what users gave; what is checked here keeps
// a bug above from becoming a crash below.
#ifndef NF_BIND_CONVERT_H_
#define NF_BIND_CONVERT_H_

#include <napi.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace nf::bind {

// A typed array of any kind: a view, valid only until JavaScript runs again.
struct ArrayView {
  napi_typedarray_type type;
  void* data;
  size_t length;  // elements; 0 when the buffer is detached
  bool shared;    // backed by a SharedArrayBuffer: other threads may write it at any time
};

// `what` names the value in messages ("out[0]"). All throw Error(kInvalidArgType) on another kind.
ArrayView ToArrayView(Napi::Value value, const char* what);
[[noreturn]] void FailType(const char* what, const char* expected);

template <class T>
constexpr napi_typedarray_type kArrayType = std::is_same_v<T, float>    ? napi_float32_array
                                            : std::is_same_v<T, double> ? napi_float64_array
                                                                        : napi_uint8_array;

template <class T>
std::span<T> ToSpan(Napi::Value value, const char* what) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> ||
                std::is_same_v<T, uint8_t>);
  const ArrayView view = ToArrayView(value, what);
  if (view.type != kArrayType<T>)
    FailType(what, sizeof(T) == 1   ? "a Uint8Array"
                   : sizeof(T) == 4 ? "a Float32Array"
                                    : "a Float64Array");
  return {static_cast<T*>(view.data), view.length};
}

Napi::Object ToObject(Napi::Value value, const char* what);
Napi::Array ToArray(Napi::Value value, const char* what);
std::string ToString(Napi::Value value, const char* what);
bool ToBool(Napi::Value value, const char* what);
// Throws Error(kOutOfRange) outside [min, max].
int64_t ToInteger(Napi::Value value, const char* what, int64_t min, int64_t max);
std::vector<std::string> ToStrings(Napi::Value value, const char* what);

// Members of an options object; the member's name is the `what`.
Napi::Value Get(Napi::Object object, const char* key);
inline std::string GetString(Napi::Object o, const char* key) { return ToString(Get(o, key), key); }
inline bool GetBool(Napi::Object o, const char* key) { return ToBool(Get(o, key), key); }
inline int64_t GetInteger(Napi::Object o, const char* key, int64_t min, int64_t max) {
  return ToInteger(Get(o, key), key, min, max);
}

// Throws Error(kOutOfRange) "<what> must hold <expected> values; got <actual>".
void CheckLength(const char* what, size_t actual, size_t expected);

template <class T>
Napi::Float64Array ToFloat64Array(Napi::Env env, const std::vector<T>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  double* data = array.Data();
  for (size_t i = 0; i < values.size(); ++i) data[i] = static_cast<double>(values[i]);
  return array;
}

Napi::Array FromStrings(Napi::Env env, const std::vector<std::string>& values);

}  // namespace nf::bind

#endif  // NF_BIND_CONVERT_H_
