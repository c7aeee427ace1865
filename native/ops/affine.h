// One learnable scale and shift for all values: the affine part of RevIN (Kim et al., 2022).
#ifndef NF_OPS_AFFINE_H_
#define NF_OPS_AFFINE_H_

#include "graph/recorder.h"

namespace nf {

// x * w + b with w, b [1]; or (x - b) / w.
Tensor Affine(Recorder& g, Tensor x, Weight w, Weight b);
Tensor AffineInverse(Recorder& g, Tensor x, Weight w, Weight b);

}  // namespace nf

#endif  // NF_OPS_AFFINE_H_
