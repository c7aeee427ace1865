#include "graph/pooling_ops.h"

#include <algorithm>

#include "util/integers.h"

namespace nf {

MaxPoolOp::MaxPoolOp(TensorId x, TensorId out, PoolShape shape)
    : Op(OpKind::kMaxPool, {x}, out), shape_(shape) {}

void MaxPoolOp::Forward(const OpContext& c) const {
  c.kernels->pooling.max_forward(In(c, 0), Size(c.rows), Size(shape_.time), Size(shape_.channels),
                                 Size(shape_.kernel), Out(c));
}

void MaxPoolOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  c.kernels->pooling.max_backward(In(c, 0), Out(c), GradOut(c), Size(c.rows), Size(shape_.time),
                                  Size(shape_.channels), Size(shape_.kernel), c.accumulate[0],
                                  GradIn(c, 0));
}

AveragePoolOp::AveragePoolOp(TensorId x, TensorId out, PoolShape shape)
    : Op(OpKind::kAveragePool, {x}, out), shape_(shape) {}

void AveragePoolOp::Forward(const OpContext& c) const {
  c.kernels->pooling.average_forward(In(c, 0), Size(c.rows), Size(shape_.time),
                                     Size(shape_.channels), Size(shape_.kernel), Out(c));
}

void AveragePoolOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  c.kernels->pooling.average_backward(GradOut(c), Size(c.rows), Size(shape_.time),
                                      Size(shape_.channels), Size(shape_.kernel), c.accumulate[0],
                                      GradIn(c, 0));
}

InterpolateOp::InterpolateOp(TensorId x, TensorId out, int64_t knots, int64_t channels,
                             const ConstMatrix& taps)
    : Op(OpKind::kInterpolate, {x}, out), knots_(knots), channels_(channels), taps_(taps) {
  packs.push_back(
      {.tensor = kNoTensor, .constant = &taps_, .k = taps_.rows, .n = taps_.cols, .plain = true});
  flops_forward = flops_input = 2 * taps_.rows * (taps_.cols - 1) * channels;
}

void InterpolateOp::Forward(const OpContext& c) const {
  float* y = Out(c);
  for (int64_t r = 0; r < c.rows; ++r) {
    const float* tap = c.packed + c.packs[0];
    const float* x = In(c, 0) + r * knots_ * channels_;
    for (int64_t t = 0; t < taps_.rows; ++t, tap += taps_.cols, y += channels_) {
      const float* from = x + static_cast<int64_t>(tap[0]) * channels_;
      for (int64_t ch = 0; ch < channels_; ++ch) y[ch] = tap[1] * from[ch];
      for (int64_t j = 2; j < taps_.cols; ++j) {
        from += channels_;
        for (int64_t ch = 0; ch < channels_; ++ch) y[ch] += tap[j] * from[ch];
      }
    }
  }
}

void InterpolateOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  const int64_t width = knots_ * channels_;
  if (!c.accumulate[0]) std::fill_n(GradIn(c, 0), c.rows * width, 0.0f);
  const float* dy = GradOut(c);
  for (int64_t r = 0; r < c.rows; ++r) {
    const float* tap = c.packed + c.packs[0];
    float* dx = GradIn(c, 0) + r * width;
    for (int64_t t = 0; t < taps_.rows; ++t, tap += taps_.cols, dy += channels_) {
      float* to = dx + static_cast<int64_t>(tap[0]) * channels_;
      for (int64_t j = 1; j < taps_.cols; ++j, to += channels_) {
        for (int64_t ch = 0; ch < channels_; ++ch) to[ch] += tap[j] * dy[ch];
      }
    }
  }
}

MovingAverageOp::MovingAverageOp(TensorId x, TensorId out, PoolShape shape)
    : Op(OpKind::kMovingAverage, {x}, out), shape_(shape) {}

void MovingAverageOp::Forward(const OpContext& c) const {
  c.kernels->pooling.moving_average_forward(In(c, 0), Size(c.rows), Size(shape_.time),
                                            Size(shape_.kernel), Out(c));
}

void MovingAverageOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  c.kernels->pooling.moving_average_backward(GradOut(c), Size(c.rows), Size(shape_.time),
                                             Size(shape_.kernel), c.accumulate[0], GradIn(c, 0));
}

}  // namespace nf
