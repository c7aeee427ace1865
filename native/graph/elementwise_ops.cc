#include "graph/elementwise_ops.h"

#include <algorithm>
#include <utility>

#include "util/integers.h"

namespace nf {

AddOp::AddOp(TensorId a, TensorId b, TensorId out, int64_t size)
    : Op(OpKind::kAdd, {a, b}, out), size_(size) {}

void AddOp::Forward(const OpContext& c) const {
  c.kernels->elementwise.add(In(c, 0), In(c, 1), Out(c), static_cast<size_t>(c.rows * size_));
}

void AddOp::Backward(const OpContext& c) const {
  Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  Contribute(c, 1, 1.0f, GradOut(c), c.rows * size_);
}

AddConstOp::AddConstOp(TensorId x, TensorId out, const ConstMatrix& c)
    : Op(OpKind::kAddConst, {x}, out), matrix_(c) {
  packs.push_back({.tensor = kNoTensor,
                   .constant = &matrix_,
                   .k = matrix_.rows,
                   .n = matrix_.cols,
                   .plain = true});
}

void AddConstOp::Forward(const OpContext& c) const {
  const size_t n = Size(matrix_.rows * matrix_.cols);
  for (size_t r = 0; r < Size(c.rows); ++r) {
    c.kernels->elementwise.add(In(c, 0) + r * n, c.packed + c.packs[0], Out(c) + r * n, n);
  }
}

void AddConstOp::Backward(const OpContext& c) const {
  Contribute(c, 0, 1.0f, GradOut(c), c.rows * matrix_.rows * matrix_.cols);
}

SubOp::SubOp(TensorId a, TensorId b, TensorId out, int64_t size)
    : Op(OpKind::kSub, {a, b}, out), size_(size) {}

void SubOp::Forward(const OpContext& c) const {
  c.kernels->elementwise.sub(In(c, 0), In(c, 1), Out(c), static_cast<size_t>(c.rows * size_));
}

void SubOp::Backward(const OpContext& c) const {
  Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  Contribute(c, 1, -1.0f, GradOut(c), c.rows * size_);
}

SubMulOp::SubMulOp(TensorId a, TensorId b, TensorId m, TensorId out, int64_t size)
    : Op(OpKind::kSubMul, {a, b, m}, out), size_(size) {}

void SubMulOp::Forward(const OpContext& c) const {
  c.kernels->elementwise.sub_mul(In(c, 0), In(c, 1), In(c, 2), Out(c),
                                 static_cast<size_t>(c.rows * size_));
}

void SubMulOp::Backward(const OpContext& c) const {
  // grad[output] is ours to overwrite: this op is its last reader.
  const auto n = static_cast<size_t>(c.rows * size_);
  c.kernels->elementwise.mul(GradOut(c), In(c, 2), GradOut(c), n);
  Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  Contribute(c, 1, -1.0f, GradOut(c), c.rows * size_);
}

GeluOp::GeluOp(TensorId x, TensorId out, int64_t size) : Op(OpKind::kGelu, {x}, out), size_(size) {}

void GeluOp::Forward(const OpContext& c) const {
  c.kernels->activation.gelu(In(c, 0), Out(c), static_cast<size_t>(c.rows * size_));
}

void GeluOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  float* dx = c.accumulate[0] ? GradOut(c) : GradIn(c, 0);
  c.kernels->activation.gelu_backward(In(c, 0), GradOut(c), dx,
                                      static_cast<size_t>(c.rows * size_));
  if (c.accumulate[0]) Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
}

DropoutOp::DropoutOp(TensorId x, TensorId out, int64_t size, float p)
    : Op(OpKind::kDropout, {x}, out), size_(size), p_(p) {}

void DropoutOp::Apply(const OpContext& c, const float* x, float* y) const {
  for (int64_t r = 0; r < c.rows; ++r) {
    c.kernels->elementwise.dropout(x + r * size_, y + r * size_, static_cast<size_t>(size_), p_,
                                   c.seed, static_cast<uint32_t>(output),
                                   static_cast<uint64_t>(c.step),
                                   static_cast<uint32_t>(c.first_row + r));
  }
}

void DropoutOp::Forward(const OpContext& c) const {
  if (c.training) {
    Apply(c, In(c, 0), Out(c));
  } else {
    std::copy_n(In(c, 0), c.rows * size_, Out(c));
  }
}

void DropoutOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  if (c.training && !c.accumulate[0]) return Apply(c, GradOut(c), GradIn(c, 0));
  if (c.training) Apply(c, GradOut(c), GradOut(c));
  Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
}

}  // namespace nf
