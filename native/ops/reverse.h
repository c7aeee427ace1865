// Back to front.
#ifndef NF_OPS_REVERSE_H_
#define NF_OPS_REVERSE_H_

#include "graph/recorder.h"
#include "ops/axis.h"

namespace nf {

// Back to front along an axis, which must be the last of x.
Tensor Reverse(Recorder& g, Tensor x, Axis axis);

}  // namespace nf

#endif  // NF_OPS_REVERSE_H_
