// A masked difference.
#ifndef NF_OPS_SUB_MUL_H_
#define NF_OPS_SUB_MUL_H_

#include "graph/recorder.h"

namespace nf {

// (a - b) * m; m takes no gradient (a mask).
Tensor SubMul(Recorder& g, Tensor a, Tensor b, Tensor m);

}  // namespace nf

#endif  // NF_OPS_SUB_MUL_H_
