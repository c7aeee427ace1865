// Between a window's own scale and the standard one, by its moments (ops/moments.h).
#ifndef NF_OPS_STANDARDISE_H_
#define NF_OPS_STANDARDISE_H_

#include "graph/recorder.h"

namespace nf {

// (x - centre) / deviation of x [.., C] by moments [2, C], or x * deviation + centre. With one
// channel every value of x is of it.
Tensor Standardise(Recorder& g, Tensor x, Tensor moments);
Tensor Unstandardise(Recorder& g, Tensor x, Tensor moments);

}  // namespace nf

#endif  // NF_OPS_STANDARDISE_H_
