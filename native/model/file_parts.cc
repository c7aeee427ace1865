#include "model/file_parts.h"

#include <algorithm>

#include "util/error.h"

namespace nf {

void Corrupt(const std::string& message) {
  Fail(ErrorCode::kCorruptModel, "The model file is damaged: " + message);
}

const TensorView& Shaped(const SafetensorsFile& file, const std::string& name,
                         const std::vector<int64_t>& shape) {
  const TensorView& tensor = file.At(name);
  if (tensor.shape != shape) Corrupt("tensor '" + name + "' has a shape that does not fit");
  return tensor;
}

std::vector<int64_t> ReadOffsets(const SafetensorsFile& file, const std::string& name) {
  const TensorView& tensor = file.At(name);
  if (tensor.shape.size() != 1 || tensor.shape[0] < 1) Corrupt("the offsets are empty");
  std::vector<int64_t> offsets(static_cast<size_t>(tensor.NumElements()));
  tensor.CopyTo(std::span<int64_t>(offsets));
  // Their upper bound is the length of panel.y, checked by its shape.
  if (offsets.front() != 0 || !std::is_sorted(offsets.begin(), offsets.end()))
    Corrupt("the offsets do not rise from 0");
  return offsets;
}

}  // namespace nf
