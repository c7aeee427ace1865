// A rectifier that learns its slope.
#ifndef NF_OPS_PRELU_H_
#define NF_OPS_PRELU_H_

#include "graph/recorder.h"

namespace nf {

// x where it is positive, else slope * x (He et al., 2015); slope [1].
Tensor PRelu(Recorder& g, Tensor x, Weight slope);

}  // namespace nf

#endif  // NF_OPS_PRELU_H_
