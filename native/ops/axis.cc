#include "ops/axis.h"

#include <iterator>

#include "util/error.h"

namespace nf {

AlongAxis::AlongAxis(const Recorder& g, Tensor x, Axis axis) : dims(g.dims(x)) {
  const int64_t rank = std::ssize(dims), at = axis.place < 0 ? rank + axis.place : axis.place;
  NF_CHECK(0 <= at && at < rank);
  place = static_cast<size_t>(at);
  for (size_t i = 0; i < dims.size(); ++i) {
    (i < place ? outer : i == place ? count : inner) *= dims[i];
  }
}

std::vector<int64_t> AlongAxis::With(int64_t other) const {
  std::vector<int64_t> result = dims;
  result[place] = other;
  return result;
}

}  // namespace nf
