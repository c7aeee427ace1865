// Rows become columns.
#ifndef NF_OPS_TRANSPOSE_H_
#define NF_OPS_TRANSPOSE_H_

#include "graph/recorder.h"

namespace nf {

// x [.., time, channels] -> [.., channels, time].
Tensor Transpose(Recorder& g, Tensor x);

}  // namespace nf

#endif  // NF_OPS_TRANSPOSE_H_
