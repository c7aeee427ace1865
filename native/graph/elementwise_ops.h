// Element by element: sums, differences, masks, dropout.
#ifndef NF_GRAPH_ELEMENTWISE_OPS_H_
#define NF_GRAPH_ELEMENTWISE_OPS_H_

#include "graph/op.h"

namespace nf {

// y = a + b.
class AddOp final : public Op {
 public:
  AddOp(TensorId a, TensorId b, TensorId output, int64_t size);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t size_;
};

// y = x + C, the same for every row.
class AddConstOp final : public Op {
 public:
  AddConstOp(TensorId x, TensorId output, const ConstMatrix& c);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const ConstMatrix matrix_;
};

// y = a - b.
class SubOp final : public Op {
 public:
  SubOp(TensorId a, TensorId b, TensorId output, int64_t size);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t size_;
};

// y = (a - b) * m; m takes no gradient (a mask).
class SubMulOp final : public Op {
 public:
  SubMulOp(TensorId a, TensorId b, TensorId m, TensorId output, int64_t size);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  bool BackwardReadsInput(int i) const override { return i == 2; }

 private:
  const int64_t size_;
};

// y = GELU(x); its slope needs x, so it is no activation of a linear layer.
class GeluOp final : public Op {
 public:
  GeluOp(TensorId x, TensorId output, int64_t size);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  bool BackwardReadsInput(int) const override { return true; }

 private:
  const int64_t size_;
};

// y = x with probability 1 - p, scaled by 1 / (1 - p), else 0; x itself at inference. The draws
// depend on (seed, step, row of the batch, op), so backward draws them again instead of keeping a
// mask.
class DropoutOp final : public Op {
 public:
  DropoutOp(TensorId x, TensorId output, int64_t size, float p);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  void Apply(const OpContext& c, const float* x, float* y) const;
  const int64_t size_;
  const float p_;
};

}  // namespace nf

#endif  // NF_GRAPH_ELEMENTWISE_OPS_H_
