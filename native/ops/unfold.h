// The taps of convolutions.
#ifndef NF_OPS_UNFOLD_H_
#define NF_OPS_UNFOLD_H_

#include "graph/recorder.h"

namespace nf {

// x [time, channels] -> [time, channels * kernel], ready for a Linear with a Conv1d weight [out,
// channels, kernel]. Causal: zeros before the start, left = (kernel - 1) * dilation of them.
// Circular: as many values from the other end on both sides; an odd kernel.
Tensor UnfoldCausal(Recorder& g, Tensor x, int64_t kernel, int64_t dilation);
Tensor UnfoldCircular(Recorder& g, Tensor x, int64_t kernel);

}  // namespace nf

#endif  // NF_OPS_UNFOLD_H_
