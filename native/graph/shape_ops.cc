#include "graph/shape_ops.h"

#include <algorithm>

namespace nf {
namespace {

void CopyOrAdd(bool add, const float* from, float* to, int64_t n) {
  if (add) {
    for (int64_t i = 0; i < n; ++i) to[i] += from[i];
  } else {
    std::copy_n(from, n, to);
  }
}

float Sum(const float* x, int64_t n) {
  float sum = 0.0f;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

}  // namespace

ConcatOp::ConcatOp(std::vector<TensorId> ids, TensorId out, std::vector<int64_t> sizes,
                   int64_t time)
    : Op(OpKind::kConcat, std::move(ids), out), sizes_(std::move(sizes)), time_(time) {
  for (int64_t s : sizes_) total_ += s;
}

void ConcatOp::Forward(const OpContext& c) const {
  int64_t at = 0;
  for (size_t i = 0; i < inputs.size(); at += sizes_[i], ++i) {
    for (int64_t r = 0; r < c.rows * time_; ++r) {
      std::copy_n(In(c, i) + r * sizes_[i], sizes_[i], Out(c) + r * total_ + at);
    }
  }
}

void ConcatOp::Backward(const OpContext& c) const {
  int64_t at = 0;
  for (size_t i = 0; i < inputs.size(); at += sizes_[i], ++i) {
    float* dx = GradIn(c, i);
    if (dx == nullptr) continue;
    for (int64_t r = 0; r < c.rows * time_; ++r) {
      CopyOrAdd(c.accumulate[i], GradOut(c) + r * total_ + at, dx + r * sizes_[i], sizes_[i]);
    }
  }
}

SliceOp::SliceOp(TensorId x, TensorId out, int64_t size, int64_t begin, int64_t count,
                 int64_t zeros)
    : Op(OpKind::kSlice, {x}, out), size_(size), begin_(begin), count_(count), zeros_(zeros) {}

void SliceOp::Forward(const OpContext& c) const {
  float* y = Out(c);
  for (int64_t r = 0; r < c.rows; ++r) {
    y = std::copy_n(In(c, 0) + r * size_ + begin_, count_, y);
    y = std::fill_n(y, zeros_, 0.0f);
  }
}

void SliceOp::Backward(const OpContext& c) const {
  float* dx = GradIn(c, 0);
  if (dx == nullptr) return;
  // The first contribution has to cover the whole gradient: the rest of it is zero.
  if (!c.accumulate[0]) std::fill_n(dx, c.rows * size_, 0.0f);
  for (int64_t r = 0; r < c.rows; ++r) {
    CopyOrAdd(true, GradOut(c) + r * (count_ + zeros_), dx + r * size_ + begin_, count_);
  }
}

ReverseOp::ReverseOp(TensorId x, TensorId out, int64_t size)
    : Op(OpKind::kReverse, {x}, out), size_(size) {}

void ReverseOp::Forward(const OpContext& c) const {
  for (int64_t r = 0; r < c.rows; ++r) {
    c.kernels->elementwise.reverse(In(c, 0) + r * size_, Out(c) + r * size_,
                                   static_cast<size_t>(size_));
  }
}

void ReverseOp::Backward(const OpContext& c) const {
  float* dx = GradIn(c, 0);
  if (dx == nullptr) return;
  for (int64_t r = 0; r < c.rows; ++r) {
    const float* dy = GradOut(c) + r * size_;
    float* to = dx + r * size_;
    if (!c.accumulate[0]) {
      c.kernels->elementwise.reverse(dy, to, static_cast<size_t>(size_));
    } else {
      for (int64_t i = 0; i < size_; ++i) to[i] += dy[size_ - 1 - i];
    }
  }
}

RepeatLastOp::RepeatLastOp(TensorId x, TensorId out, int64_t size, int64_t times)
    : Op(OpKind::kRepeatLast, {x}, out), size_(size), times_(times) {}

void RepeatLastOp::Forward(const OpContext& c) const {
  for (int64_t r = 0; r < c.rows; ++r) {
    std::fill_n(Out(c) + r * times_, times_, In(c, 0)[r * size_ + size_ - 1]);
  }
}

void RepeatLastOp::Backward(const OpContext& c) const {
  float* dx = GradIn(c, 0);
  if (dx == nullptr) return;
  if (!c.accumulate[0]) std::fill_n(dx, c.rows * size_, 0.0f);
  for (int64_t r = 0; r < c.rows; ++r) {
    dx[r * size_ + size_ - 1] += Sum(GradOut(c) + r * times_, times_);
  }
}

SubLastOp::SubLastOp(TensorId x, TensorId out, int64_t size)
    : Op(OpKind::kSubLast, {x}, out), size_(size) {}

void SubLastOp::Forward(const OpContext& c) const {
  for (int64_t r = 0; r < c.rows; ++r) {
    const float* x = In(c, 0) + r * size_;
    float* y = Out(c) + r * size_;
    for (int64_t i = 0; i < size_; ++i) y[i] = x[i] - x[size_ - 1];
  }
}

void SubLastOp::Backward(const OpContext& c) const {
  float* dx = GradIn(c, 0);
  if (dx == nullptr) return;
  Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  for (int64_t r = 0; r < c.rows; ++r) {
    dx[r * size_ + size_ - 1] -= Sum(GradOut(c) + r * size_, size_);
  }
}

}  // namespace nf
