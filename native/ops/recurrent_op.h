// The op of recurrent.h, which takes two files: recurrent.cc (recording, forward) and
// recurrent_backward.cc.
#ifndef NF_OPS_RECURRENT_OP_H_
#define NF_OPS_RECURRENT_OP_H_

#include "graph/op.h"

namespace nf {

// One layer in one direction, over a whole sequence: x [T, I] -> y [T, K], K = H, or the P of an
// LSTM that projects its output: h = W_hr . (o tanh(c)). Where the cell is asked for, the last c
// [H] lies behind y.
class RecurrentOp final : public Op {
 public:
  struct Shape {
    Cell cell;
    int64_t time, in, units, width;  // T, I, H, K
    bool reverse;                    // from the last step to the first
    bool cell_out;
  };
  // Positions among the inputs, -1: none.
  struct Positions {
    int b_ih = -1, b_hh = -1, w_hr = -1, h0 = -1, c0 = -1;  // x, W_ih, W_hh are 0, 1, 2
  };
  // Per-row memory, kNoTensor where there is no need.
  struct Saved {
    TensorId kept;     // [T, kept H]: what the kernel keeps, then its gradients
    TensorId before;   // [T, K]: h before each step
    TensorId cells;    // [T, H]: LSTM
    TensorId outputs;  // [T, H]: h before the projection
    TensorId grads;    // [T, K]: gradients of h behind it
    TensorId work;     // WorkFloats
  };
  static int64_t WorkFloats(const Shape& s);

  RecurrentOp(std::vector<TensorId> inputs, TensorId output, const Shape& shape,
              const Positions& positions, const Saved& saved_ids, bool input_needs_grad);

  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  bool BackwardReadsOutput() const override { return plain(); }
  bool BackwardReadsInput(int i) const override { return i == at_.c0; }
  // which: W_ih with b_ih (and b_hh, whose gradient is the same but for the GRU's n), W_hh (with
  // that part), W_hr.
  void WeightGrad(const OpContext& c, size_t which, int64_t begin, int64_t end, float alpha,
                  bool first, float* scratch) const override;
  int64_t WeightGradScratch(const KernelTable& k, size_t which, int64_t rows,
                            int64_t out_rows) const override;

 private:
  // One step of a run: its place in time, and the place that the step before it had.
  struct Step {
    int64_t t, before;
    bool first, last;
  };
  Step At(int64_t i) const;
  bool plain() const { return s_.cell == Cell::kRnnTanh || s_.cell == Cell::kRnnRelu; }
  int64_t gates() const { return static_cast<int64_t>(NumGates(s_.cell)); }
  int64_t kept() const { return static_cast<int64_t>(NumKept(s_.cell)) * s_.units; }
  int64_t out_size() const { return s_.time * s_.width + (s_.cell_out ? s_.units : 0); }
  float* Data(const OpContext& c, TensorId id) const { return c.data[id]; }

  void ForwardStep(const OpContext& c, const Step& step, const float* state, float* next) const;
  void Project(const OpContext& c, const Step& step, float* next) const;
  void PutRows(const OpContext& c, const float* from, float* to, int64_t ld) const;
  void BackwardStep(const OpContext& c, const Step& step) const;
  const float* ProjectionGrad(const OpContext& c, const Step& step) const;
  void BiasGrad(const OpContext& c, int64_t begin, int64_t end, float alpha, bool first) const;

  const Shape s_;
  const Positions at_;
  const Saved ids_;
  int backward_state_ = -1, backward_x_ = -1, project_ = -1, backward_project_ = -1;  // packs
};

// Parts of the work memory: h of two steps [2, rows, K], and for backward the gradients of h [rows,
// K], of c [rows, H], of W_hh . h' [rows, gates * H] and, with a projection, of its input [rows,
// H].
struct RecurrentWork {
  float *state, *hidden_grad, *cell_grad, *state_grad, *output_grad;

  RecurrentWork(float* p, int64_t rows, const RecurrentOp::Shape& s)
      : state(p),
        hidden_grad(state + 2 * rows * s.width),
        cell_grad(hidden_grad + rows * s.width),
        state_grad(cell_grad + rows * s.units),
        output_grad(state_grad + rows * s.units * static_cast<int64_t>(NumGates(s.cell))) {}
};

}  // namespace nf

#endif  // NF_OPS_RECURRENT_OP_H_
