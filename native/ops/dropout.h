// Dropout (Srivastava et al., 2014).
#ifndef NF_OPS_DROPOUT_H_
#define NF_OPS_DROPOUT_H_

#include "graph/recorder.h"

namespace nf {

// x with probability 1 - p, scaled by 1 / (1 - p), else 0; x itself at inference. p in [0, 1); 0
// records nothing.
Tensor Dropout(Recorder& g, Tensor x, double p);

}  // namespace nf

#endif  // NF_OPS_DROPOUT_H_
