#include "ops/last.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

float Sum(const float* x, int64_t n) {
  float sum = 0.0f;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

// y[:, i] = x[:, size - 1] for i < times, in each of `outer` runs of a row.
class RepeatLastOp final : public Op {
 public:
  RepeatLastOp(TensorId x, TensorId out, const AlongAxis& along, int64_t times)
      : Op(op_name::kRepeatLast, {x}, out),
        outer_(along.outer),
        size_(along.count),
        times_(times) {}

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      std::fill_n(Out(c) + r * times_, times_, In(c, 0)[r * size_ + size_ - 1]);
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    if (!c.accumulate[0]) std::fill_n(dx, c.rows * outer_ * size_, 0.0f);
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      dx[r * size_ + size_ - 1] += Sum(GradOut(c) + r * times_, times_);
    }
  }

 private:
  const int64_t outer_, size_, times_;
};

// y = x - x[:, size - 1], in each of `outer` runs of a row.
class SubLastOp final : public Op {
 public:
  SubLastOp(TensorId x, TensorId out, const AlongAxis& along)
      : Op(op_name::kSubLast, {x}, out), outer_(along.outer), size_(along.count) {}

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      const float* x = In(c, 0) + r * size_;
      float* y = Out(c) + r * size_;
      for (int64_t i = 0; i < size_; ++i) y[i] = x[i] - x[size_ - 1];
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * outer_ * size_);
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      dx[r * size_ + size_ - 1] -= Sum(GradOut(c) + r * size_, size_);
    }
  }

 private:
  const int64_t outer_, size_;
};

AlongAxis AlongLast(const Recorder& g, Tensor x, Axis axis) {
  AlongAxis along(g, x, axis);
  NF_CHECK(along.inner == 1);
  return along;
}

}  // namespace

Tensor RepeatLast(Recorder& g, Tensor x, Axis axis, int64_t times) {
  const AlongAxis along = AlongLast(g, x, axis);
  const Tensor y = g.Activation(along.With(times), g.needs_grad(x));
  return g.Record(std::make_unique<RepeatLastOp>(x.id, y.id, along, times), y);
}

Tensor SubLast(Recorder& g, Tensor x, Axis axis) {
  const AlongAxis along = AlongLast(g, x, axis);
  const Tensor y = g.Activation(along.dims, g.needs_grad(x));
  return g.Record(std::make_unique<SubLastOp>(x.id, y.id, along), y);
}

}  // namespace nf
