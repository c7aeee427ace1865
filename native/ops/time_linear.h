// Linear layers along time.
#ifndef NF_OPS_TIME_LINEAR_H_
#define NF_OPS_TIME_LINEAR_H_

#include "graph/recorder.h"

namespace nf {

// weight . x + bias along time: x [time, channels] -> [steps, channels]; weight [steps, time],
// bias [steps].
Tensor TimeLinear(Recorder& g, Tensor x, Weight weight, Weight bias);

}  // namespace nf

#endif  // NF_OPS_TIME_LINEAR_H_
