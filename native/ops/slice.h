// Parts of a tensor.
#ifndef NF_OPS_SLICE_H_
#define NF_OPS_SLICE_H_

#include <vector>

#include "graph/recorder.h"

namespace nf {

// Values [begin, end) of x taken as one row; shaped `dims` when given.
Tensor Slice(Recorder& g, Tensor x, int64_t begin, int64_t end, std::vector<int64_t> dims = {});
// Values from `begin` on, then `zeros` zeros; shaped `dims`.
Tensor SliceThenZeros(Recorder& g, Tensor x, int64_t begin, int64_t zeros,
                      std::vector<int64_t> dims);
// Times [begin, end) of x [time, channels].
Tensor SliceTime(Recorder& g, Tensor x, int64_t begin, int64_t end);

}  // namespace nf

#endif  // NF_OPS_SLICE_H_
