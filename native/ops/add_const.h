// Sums with constants: positions.
#ifndef NF_OPS_ADD_CONST_H_
#define NF_OPS_ADD_CONST_H_

#include "graph/const_matrix.h"
#include "graph/recorder.h"

namespace nf {

// x + c, the same for every row; c as large as x.
Tensor AddConst(Recorder& g, Tensor x, const ConstMatrix& c);

}  // namespace nf

#endif  // NF_OPS_ADD_CONST_H_
