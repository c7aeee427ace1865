// The same at every time.
#ifndef NF_OPS_REPEAT_ROWS_H_
#define NF_OPS_REPEAT_ROWS_H_

#include "graph/recorder.h"

namespace nf {

// x [channels] -> [time, channels].
Tensor RepeatRows(Recorder& g, Tensor x, int64_t time);

}  // namespace nf

#endif  // NF_OPS_REPEAT_ROWS_H_
