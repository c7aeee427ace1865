// What the parts of a model file have in common: bytes of values, checked shapes, and the error
// that says that a file is damaged.
#ifndef NF_MODEL_FILE_PARTS_H_
#define NF_MODEL_FILE_PARTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "store/safetensors.h"

namespace nf {

template <class T>
std::span<const uint8_t> AsBytes(std::span<const T> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}

// Throws kCorruptModel.
[[noreturn]] void Corrupt(const std::string& message);
// A tensor of this shape.
const TensorView& Shaped(const SafetensorsFile& file, const std::string& name,
                         const std::vector<int64_t>& shape);
// Offsets that rise from 0.
std::vector<int64_t> ReadOffsets(const SafetensorsFile& file, const std::string& name);

}  // namespace nf

#endif  // NF_MODEL_FILE_PARTS_H_
