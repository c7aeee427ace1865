// Ops on the last value of a series.
#ifndef NF_OPS_LAST_H_
#define NF_OPS_LAST_H_

#include "graph/recorder.h"
#include "ops/axis.h"

namespace nf {

// Both along an axis that must be the last of x. Its last value, so many times.
Tensor RepeatLast(Recorder& g, Tensor x, Axis axis, int64_t times);
// x less its last value.
Tensor SubLast(Recorder& g, Tensor x, Axis axis);

}  // namespace nf

#endif  // NF_OPS_LAST_H_
