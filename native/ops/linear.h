// Linear layers.
#ifndef NF_OPS_LINEAR_H_
#define NF_OPS_LINEAR_H_

#include "graph/recorder.h"
#include "kernels/activations.h"

namespace nf {

// act(x . W^T + b): x [.., in] -> [.., out]; weight [out, in] (or more dims, all but the first
// taken as one), bias [out] (or none: an empty handle).
Tensor Linear(Recorder& g, Tensor x, Weight weight, Weight bias, Activation act);

// The same with rows [begin, end) of the weight and the bias: several layers may share them.
Tensor LinearRows(Recorder& g, Tensor x, Weight weight, Weight bias, int64_t begin, int64_t end,
                  Activation act);

}  // namespace nf

#endif  // NF_OPS_LINEAR_H_
