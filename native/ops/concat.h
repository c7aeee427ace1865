// Tensors side by side.
#ifndef NF_OPS_CONCAT_H_
#define NF_OPS_CONCAT_H_

#include <vector>

#include "graph/recorder.h"
#include "ops/axis.h"

namespace nf {

// Along an axis, one behind the other; their other dims must be the same. One alone is itself.
Tensor Concat(Recorder& g, const std::vector<Tensor>& xs, Axis axis);

}  // namespace nf

#endif  // NF_OPS_CONCAT_H_
