// A number as cosines of its multiples.
#ifndef NF_OPS_COSINES_H_
#define NF_OPS_COSINES_H_

#include "graph/recorder.h"

namespace nf {

// x [.., 1] -> cos(pi i x) for i < count: [.., count]. x takes no gradient (a draw).
Tensor Cosines(Recorder& g, Tensor x, int64_t count);

}  // namespace nf

#endif  // NF_OPS_COSINES_H_
