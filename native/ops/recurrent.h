// Recurrent layers: one layer in one direction over a whole sequence is one op.
#ifndef NF_OPS_RECURRENT_H_
#define NF_OPS_RECURRENT_H_

#include "graph/recorder.h"
#include "kernels/recurrent.h"

namespace nf {

struct RecurrentWeights {
  Weight w_ih, w_hh;  // [gates * units, in], [gates * units, width]
  Weight b_ih, b_hh;  // [gates * units], both or none
  Weight w_hr;        // [width, units]: the LSTM's projection; without it width = units
};

struct RecurrentOptions {
  Tensor h0 = {}, c0 = {};  // the state before the sequence [width], [units] (LSTM); empty: zeros
  bool reverse = false;     // from the last step to the first
  bool cell_out = false;    // LSTM: [time * width + units], the last c behind the states
};

// x [time, in] -> h of every step [time, width].
Tensor Recurrent(Recorder& g, Cell cell, Tensor x, const RecurrentWeights& w,
                 const RecurrentOptions& options);

}  // namespace nf

#endif  // NF_OPS_RECURRENT_H_
