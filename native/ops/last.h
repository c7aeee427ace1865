// Ops on the last value of a series.
#ifndef NF_OPS_LAST_H_
#define NF_OPS_LAST_H_

#include "graph/recorder.h"

namespace nf {

// The last value of x, so many times.
Tensor RepeatLast(Recorder& g, Tensor x, int64_t times);
// x less its last value.
Tensor SubLast(Recorder& g, Tensor x);

}  // namespace nf

#endif  // NF_OPS_LAST_H_
