// Weights that are positive and add up to 1.
#ifndef NF_OPS_SOFTMAX_H_
#define NF_OPS_SOFTMAX_H_

#include "graph/recorder.h"
#include "ops/axis.h"

namespace nf {

// e^x / sum(e^x) along an axis, which must be the last.
Tensor Softmax(Recorder& g, Tensor x, Axis axis);

}  // namespace nf

#endif  // NF_OPS_SOFTMAX_H_
