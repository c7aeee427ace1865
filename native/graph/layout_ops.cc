#include "graph/layout_ops.h"

#include <algorithm>

#include "util/integers.h"

namespace nf {

UnfoldOp::UnfoldOp(TensorId x, TensorId out, const UnfoldShape& shape)
    : Op(OpKind::kUnfold, {x}, out),
      shape_(shape),
      size_(static_cast<int64_t>(shape.time * shape.channels)),
      unfolded_(size_ * static_cast<int64_t>(shape.kernel)) {}

void UnfoldOp::Forward(const OpContext& c) const {
  for (int64_t r = 0; r < c.rows; ++r) {
    c.kernels->layout.unfold(In(c, 0) + r * size_, shape_, Out(c) + r * unfolded_);
  }
}

void UnfoldOp::Backward(const OpContext& c) const {
  float* dx = GradIn(c, 0);
  if (dx == nullptr) return;
  for (int64_t r = 0; r < c.rows; ++r) {
    c.kernels->layout.fold(GradOut(c) + r * unfolded_, shape_, c.accumulate[0], dx + r * size_);
  }
}

TransposeOp::TransposeOp(TensorId x, TensorId out, int64_t time, int64_t channels)
    : Op(OpKind::kTranspose, {x}, out), time_(time), channels_(channels) {}

void TransposeOp::Forward(const OpContext& c) const {
  const int64_t n = time_ * channels_;
  for (int64_t r = 0; r < c.rows; ++r) {
    c.kernels->layout.transpose(In(c, 0) + r * n, Size(time_), Size(channels_), Out(c) + r * n);
  }
}

void TransposeOp::Backward(const OpContext& c) const {
  float* dx = GradIn(c, 0);
  if (dx == nullptr) return;
  const int64_t n = time_ * channels_;
  for (int64_t r = 0; r < c.rows; ++r) {
    float* to = c.accumulate[0] ? c.scratch : dx + r * n;
    c.kernels->layout.transpose(GradOut(c) + r * n, Size(channels_), Size(time_), to);
    if (c.accumulate[0]) c.kernels->elementwise.axpy(1.0f, to, dx + r * n, Size(n));
  }
}

RepeatRowsOp::RepeatRowsOp(TensorId x, TensorId out, int64_t time, int64_t channels)
    : Op(OpKind::kRepeatRows, {x}, out), time_(time), channels_(channels) {}

void RepeatRowsOp::Forward(const OpContext& c) const {
  float* y = Out(c);
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t t = 0; t < time_; ++t, y += channels_) {
      std::copy_n(In(c, 0) + r * channels_, channels_, y);
    }
  }
}

void RepeatRowsOp::Backward(const OpContext& c) const {
  float* dx = GradIn(c, 0);
  if (dx == nullptr) return;
  if (!c.accumulate[0]) std::fill_n(dx, c.rows * channels_, 0.0f);
  const float* dy = GradOut(c);
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t t = 0; t < time_; ++t, dy += channels_) {
      c.kernels->elementwise.axpy(1.0f, dy, dx + r * channels_, static_cast<size_t>(channels_));
    }
  }
}

}  // namespace nf
