// From a weight to a tensor.
#ifndef NF_OPS_BROADCAST_H_
#define NF_OPS_BROADCAST_H_

#include "graph/recorder.h"

namespace nf {

// The weight as an activation of its shape, the same in every row: for learned positions, tokens
// and gates. This is the one way from a weight to a tensor; its gradient is the sum over all rows.
Tensor Broadcast(Recorder& g, Weight weight);
// The same of what is not trained: fixed positions.
Tensor Broadcast(Recorder& g, State state);

}  // namespace nf

#endif  // NF_OPS_BROADCAST_H_
