// Pooling and smoothing along time: x is [time, channels] per row.
#ifndef NF_GRAPH_POOLING_OPS_H_
#define NF_GRAPH_POOLING_OPS_H_

#include "graph/op.h"

namespace nf {

struct PoolShape {
  int64_t time = 0, channels = 1, kernel = 1;
};

// y[t] = max of x over [t * kernel, (t + 1) * kernel), the last window possibly short.
class MaxPoolOp final : public Op {
 public:
  MaxPoolOp(TensorId x, TensorId output, PoolShape shape);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  bool BackwardReadsInput(int) const override { return true; }
  bool BackwardReadsOutput() const override { return true; }

 private:
  const PoolShape shape_;
};

// The mean of the same windows.
class AveragePoolOp final : public Op {
 public:
  AveragePoolOp(TensorId x, TensorId output, PoolShape shape);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const PoolShape shape_;
};

// x [knots, channels] -> [times, channels]: y[t] = sum over j of taps[t][1 + j] * x[taps[t][0] +
// j].
class InterpolateOp final : public Op {
 public:
  InterpolateOp(TensorId x, TensorId output, int64_t knots, int64_t channels,
                const ConstMatrix& taps);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const int64_t knots_, channels_;
  const ConstMatrix taps_;
};

// y[t] = mean of x over the `kernel` values around t, edges repeated; channels = 1.
class MovingAverageOp final : public Op {
 public:
  MovingAverageOp(TensorId x, TensorId output, PoolShape shape);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

 private:
  const PoolShape shape_;
};

}  // namespace nf

#endif  // NF_GRAPH_POOLING_OPS_H_
