// Stacks of recurrent layers.
#ifndef NF_NN_RECURRENT_H_
#define NF_NN_RECURRENT_H_

#include <string>
#include <vector>

#include "ops/recurrent.h"

namespace nf {

// torch's nn.LSTM, nn.GRU or nn.RNN: layers over the whole sequence, each reading the states of the
// one below. Parameters "<name>.weight_ih_l0" [gates * hidden, in], "weight_hh_l0" [gates * hidden,
// width], "bias_ih_l0" and "bias_hh_l0" [gates * hidden], "weight_hr_l0" [width, hidden] and so on,
// with "_reverse" behind those of the backward direction; fresh ones uniform in
// +-1/sqrt(hidden).
struct RecurrentStack {
  Cell cell = Cell::kLstm;
  int64_t layers = 1, hidden = 1;
  int64_t projection = 0;  // LSTM: > 0: the states are projected to so many values
  bool bias = true;
  bool bidirectional = false;
  double dropout = 0;  // of the states between layers

  int64_t width() const { return projection > 0 ? projection : hidden; }
  // x [time, in] -> states of the last layer [time, width], or [time, 2 width] of both directions.
  Tensor operator()(Recorder& g, Tensor x, const std::string& name) const;
  // The same in one direction, from the state that a run before left (empty: zeros), which becomes
  // that after this run.
  struct State {
    std::vector<Tensor> h, c;  // by layer: [width], and the LSTM's [hidden]
  };
  Tensor Continue(Recorder& g, Tensor x, const std::string& name, State& state) const;
  // A state as one tensor, [state_size()], layer by layer: [h | c].
  int64_t state_size() const { return layers * (width() + (cell == Cell::kLstm ? hidden : 0)); }
  Tensor Join(Recorder& g, const State& state) const;
  State Split(Recorder& g, Tensor joined) const;
  // The parameters of one layer; suffix: "l0", "l0_reverse".
  RecurrentWeights Weights(Recorder& g, int64_t in, const std::string& name,
                           const std::string& suffix) const;
};

}  // namespace nf

#endif  // NF_NN_RECURRENT_H_
