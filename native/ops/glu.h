// Gated linear units (Dauphin et al., 2017).
#ifndef NF_OPS_GLU_H_
#define NF_OPS_GLU_H_

#include "graph/recorder.h"
#include "ops/axis.h"

namespace nf {

// The first half of x along an axis, which must be the last, times the sigmoid of the other half.
Tensor Glu(Recorder& g, Tensor x, Axis axis);

}  // namespace nf

#endif  // NF_OPS_GLU_H_
