// Value by value.
#ifndef NF_OPS_ELEMENTWISE_H_
#define NF_OPS_ELEMENTWISE_H_

#include "graph/recorder.h"

namespace nf {

Tensor Add(Recorder& g, Tensor a, Tensor b);
Tensor Sub(Recorder& g, Tensor a, Tensor b);
Tensor Gelu(Recorder& g, Tensor x);

}  // namespace nf

#endif  // NF_OPS_ELEMENTWISE_H_
