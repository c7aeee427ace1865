// Tensors side by side.
#ifndef NF_OPS_CONCAT_H_
#define NF_OPS_CONCAT_H_

#include <vector>

#include "graph/recorder.h"

namespace nf {

// All dims of each taken as one.
Tensor Concat(Recorder& g, const std::vector<Tensor>& xs);
// Channels side by side: [time, A], [time, B], ... -> [time, A + B + ...].
Tensor ConcatLast(Recorder& g, const std::vector<Tensor>& xs, int64_t time);

}  // namespace nf

#endif  // NF_OPS_CONCAT_H_
