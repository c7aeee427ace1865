// One row of values beside each time.
#ifndef NF_OPS_ADD_ROW_H_
#define NF_OPS_ADD_ROW_H_

#include "graph/recorder.h"
#include "kernels/activations.h"

namespace nf {

// act(x + row): x [time, C], row [C] the same at every time.
Tensor AddRow(Recorder& g, Tensor x, Tensor row, Activation act);

}  // namespace nf

#endif  // NF_OPS_ADD_ROW_H_
