// Pooling along time.
#ifndef NF_OPS_POOL_H_
#define NF_OPS_POOL_H_

#include "graph/recorder.h"

namespace nf {

// The largest, or the mean, of each window of `kernel` times of x [time, channels] or [time]; the
// last window may be short.
Tensor MaxPool(Recorder& g, Tensor x, int64_t kernel);
Tensor AveragePool(Recorder& g, Tensor x, int64_t kernel);

}  // namespace nf

#endif  // NF_OPS_POOL_H_
