// Ops that move values between times and channels of x [time, channels].
#ifndef NF_GRAPH_LAYOUT_OPS_H_
#define NF_GRAPH_LAYOUT_OPS_H_

#include "graph/op.h"

namespace nf {

// x [time, channels] -> [time, channels * kernel]: the taps of a convolution (kernels/layout.h),
// which a linear layer makes one of.
class UnfoldOp final : public Op {
 public:
  UnfoldOp(TensorId x, TensorId output, const UnfoldShape& shape);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const UnfoldShape shape_;
  const int64_t size_, unfolded_;
};

// x [time, channels] -> [channels, time].
class TransposeOp final : public Op {
 public:
  TransposeOp(TensorId x, TensorId output, int64_t time, int64_t channels);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  // One row of gradient, where it has to be added.
  int64_t ScratchFloats(const KernelTable&) const override { return time_ * channels_; }

 private:
  const int64_t time_, channels_;
};

// x [channels] -> [time, channels], the same at every time.
class RepeatRowsOp final : public Op {
 public:
  RepeatRowsOp(TensorId x, TensorId output, int64_t time, int64_t channels);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t time_, channels_;
};

}  // namespace nf

#endif  // NF_GRAPH_LAYOUT_OPS_H_
