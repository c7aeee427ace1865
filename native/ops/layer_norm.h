// Normalisation over channels (Ba et al., 2016).
#ifndef NF_OPS_LAYER_NORM_H_
#define NF_OPS_LAYER_NORM_H_

#include "graph/recorder.h"

namespace nf {

// x [time, C], gamma and beta [C]; over the channels of each time.
Tensor LayerNorm(Recorder& g, Tensor x, Weight gamma, Weight beta, double epsilon = 1e-5);

}  // namespace nf

#endif  // NF_OPS_LAYER_NORM_H_
