// Normalisation with learned scale and shift.
#ifndef NF_NN_NORM_H_
#define NF_NN_NORM_H_

#include <string>

#include "graph/recorder.h"

namespace nf {

// torch's nn.LayerNorm over the channels: "<name>.weight" (fresh: 1) and "<name>.bias" (0), [C].
Tensor LayerNorm(Recorder& g, Tensor x, const std::string& name, double epsilon = 1e-5);

}  // namespace nf

#endif  // NF_NN_NORM_H_
