// Products with constants: bases.
#ifndef NF_OPS_CONST_LINEAR_H_
#define NF_OPS_CONST_LINEAR_H_

#include "graph/const_matrix.h"
#include "graph/recorder.h"

namespace nf {

// x . c: x [.., in] -> [.., c.cols]; or x with all its dims taken as one -> [c.cols]; shaped `dims`
// when given. A large constant (N-BEATS' seasonality has about 2 h functions, each over h steps) is
// never there as a whole: its tiles are computed as the product needs them, which gives the same
// bits.
Tensor ConstLinear(Recorder& g, Tensor x, const ConstMatrix& c, std::vector<int64_t> dims = {});

}  // namespace nf

#endif  // NF_OPS_CONST_LINEAR_H_
