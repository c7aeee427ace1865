// Matrix products of the graph.
#ifndef NF_GRAPH_LINEAR_OPS_H_
#define NF_GRAPH_LINEAR_OPS_H_

#include "graph/builder.h"
#include "graph/op.h"

namespace nf {

struct LinearShape {
  int64_t in, out;
  int64_t factor;  // a static leading dimension of x: its rows are independent, so only more rows
  int64_t weight_row;  // the first row of W and b that is used, of maybe more than `out`
};

// y = act(x . W^T + b): x [rows * factor, in], W [out, in], b [out], y [rows * factor, out].
// inputs: x, W, b (or none).
class LinearOp final : public Op {
 public:
  LinearOp(std::vector<TensorId> inputs, TensorId output, const LinearShape& shape, Activation act,
           bool input_needs_grad);

  void Forward(const OpContext& c) const override;
  // dz = dy * act'(y) in place of dy; dx = dz . W.
  void Backward(const OpContext& c) const override;
  bool BackwardReadsOutput() const override { return act_ != Activation::kNone; }

  // dW[begin:end] = dz^T . x and db[begin:end] = column sums of dz, over all rows; 0 for rows of W
  // that the op does not use.
  void WeightGrad(const OpContext& c, size_t which, int64_t begin, int64_t end, float alpha,
                  bool first, float* scratch) const override;
  int64_t WeightGradScratch(const KernelTable& k, size_t which, int64_t rows,
                            int64_t out_rows) const override;

 private:
  const int64_t in_, out_, factor_, weight_row_;
  const Activation act_;
};

// A linear layer along time, the same for every channel: y = W . x + b with x [time, channels], W
// [steps, time], b [steps], y [steps, channels]. inputs: x, W, b.
// A product a row: transposing x for LinearOp and back took 4% of TCN's training step.
class TimeLinearOp final : public Op {
 public:
  TimeLinearOp(TensorId x, TensorId weight, TensorId bias, TensorId output, int64_t time,
               int64_t channels, int64_t steps);

  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  void WeightGrad(const OpContext& c, size_t which, int64_t begin, int64_t end, float alpha,
                  bool first, float* scratch) const override;
  int64_t WeightGradScratch(const KernelTable& k, size_t which, int64_t rows,
                            int64_t out_rows) const override;
  int64_t ScratchFloats(const KernelTable& k) const override;

 private:
  const int64_t time_, channels_, steps_;
};

// y = x . C with a constant C [in, out]: x [rows * factor, in], y [rows * factor, out]. A large C
// (N-BEATS' seasonality has about 2 h functions, each over h steps) is never there as a whole: its
// tiles are computed as the product needs them, which gives the same bits.
class ConstLinearOp final : public Op {
 public:
  ConstLinearOp(TensorId x, TensorId output, const ConstMatrix& c, int64_t factor,
                bool input_needs_grad);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  int64_t ScratchFloats(const KernelTable& k) const override;

 private:
  bool large() const;
  // y (+)= x . op(C), k x n, by the op's pack or by tiles.
  void Product(const OpContext& c, size_t pack, Trans trans, const float* x, float* y,
               bool accumulate) const;

  const ConstMatrix matrix_;
  const int64_t factor_;
};

}  // namespace nf

#endif  // NF_GRAPH_LINEAR_OPS_H_
