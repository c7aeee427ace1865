// Value by value: the functions of kernels/maps.inc.
#ifndef NF_OPS_ELEMENTWISE_H_
#define NF_OPS_ELEMENTWISE_H_

#include "graph/recorder.h"

namespace nf {

// Of x: Exp, Sigmoid, Gelu, ...; of a and b, as large: Add, Sub, Mul, ...
#define NF_UNARY(Name, ...) Tensor Name(Recorder& g, Tensor x);
#define NF_BINARY(Name, ...) Tensor Name(Recorder& g, Tensor a, Tensor b);
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY

}  // namespace nf

#endif  // NF_OPS_ELEMENTWISE_H_
