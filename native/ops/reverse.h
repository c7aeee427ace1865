// Back to front.
#ifndef NF_OPS_REVERSE_H_
#define NF_OPS_REVERSE_H_

#include "graph/recorder.h"

namespace nf {

// The values of x in reverse order, all dims taken as one.
Tensor Reverse(Recorder& g, Tensor x);

}  // namespace nf

#endif  // NF_OPS_REVERSE_H_
