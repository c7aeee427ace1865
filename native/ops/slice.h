// Parts of a tensor.
#ifndef NF_OPS_SLICE_H_
#define NF_OPS_SLICE_H_

#include <vector>

#include "graph/recorder.h"
#include "ops/axis.h"

namespace nf {

// Places [begin, end) of x along an axis; seen with other dims of that size when given.
Tensor Slice(Recorder& g, Tensor x, Axis axis, int64_t begin, int64_t end,
             std::vector<int64_t> dims = {});
// Places from `begin` on, then `zeros` places of zeros.
Tensor SliceThenZeros(Recorder& g, Tensor x, Axis axis, int64_t begin, int64_t zeros);
// Times [begin, end) of x [time, channels]; x itself if they are all.
Tensor SliceTime(Recorder& g, Tensor x, int64_t begin, int64_t end);

}  // namespace nf

#endif  // NF_OPS_SLICE_H_
