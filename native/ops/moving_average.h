// Smoothing along time.
#ifndef NF_OPS_MOVING_AVERAGE_H_
#define NF_OPS_MOVING_AVERAGE_H_

#include "graph/recorder.h"

namespace nf {

// The mean of the `kernel` values (an odd number) of x [time] around each, edges repeated.
Tensor MovingAverage(Recorder& g, Tensor x, int64_t kernel);

}  // namespace nf

#endif  // NF_OPS_MOVING_AVERAGE_H_
