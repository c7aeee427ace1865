// Marks the objects of each class, so that a wrong object given as an argument is an error and not
// another class's memory.
#ifndef NF_BIND_TAGS_H_
#define NF_BIND_TAGS_H_

#include <napi.h>

#include "bind/convert.h"

namespace nf::bind {

constexpr napi_type_tag kEngineTag = {0x6e66656e67696e65, 0x8f1d5b0c2a7e4936};
constexpr napi_type_tag kPanelTag = {0x6e6670616e656c00, 0xb3c64d1fe0957a28};
constexpr napi_type_tag kModelFileTag = {0x6e6666696c650000, 0x17d09ae4b8536c2f};
constexpr napi_type_tag kModelTag = {0x6e666d6f64656c00, 0x5ae27f90c18b3d64};

template <class Wrap>
Wrap& Unwrap(Napi::Value value, const napi_type_tag& tag, const char* what, const char* expected) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&tag)) FailType(what, expected);
  return *Wrap::Unwrap(value.As<Napi::Object>());
}

}  // namespace nf::bind

#endif  // NF_BIND_TAGS_H_
