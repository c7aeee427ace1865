// The axis that an op works along.
#ifndef NF_OPS_AXIS_H_
#define NF_OPS_AXIS_H_

#include <cstdint>
#include <vector>

#include "graph/recorder.h"

namespace nf {

// One of a tensor's dims, by its place; from the last one on it counts backwards: Axis(-1). To go
// over several dims as one, Reshape or Flatten first.
struct Axis {
  explicit constexpr Axis(int64_t place) : place(place) {}
  int64_t place;
};

// A tensor [.., count, ..] as what an op along one axis sees: [outer, count, inner].
struct AlongAxis {
  AlongAxis(const Recorder& g, Tensor x, Axis axis);

  int64_t size() const { return outer * count * inner; }
  // The tensor's dims with another count.
  std::vector<int64_t> With(int64_t other) const;

  std::vector<int64_t> dims;
  size_t place = 0;
  int64_t outer = 1, count = 1, inner = 1;
};

}  // namespace nf

#endif  // NF_OPS_AXIS_H_
