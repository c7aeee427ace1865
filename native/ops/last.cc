#include "ops/last.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"

namespace nf {
namespace {

float Sum(const float* x, int64_t n) {
  float sum = 0.0f;
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

// y[:, i] = x[:, size - 1] for i < times.
class RepeatLastOp final : public Op {
 public:
  RepeatLastOp(TensorId x, TensorId out, int64_t size, int64_t times)
      : Op(op_name::kRepeatLast, {x}, out), size_(size), times_(times) {}

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows; ++r) {
      std::fill_n(Out(c) + r * times_, times_, In(c, 0)[r * size_ + size_ - 1]);
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    if (!c.accumulate[0]) std::fill_n(dx, c.rows * size_, 0.0f);
    for (int64_t r = 0; r < c.rows; ++r) {
      dx[r * size_ + size_ - 1] += Sum(GradOut(c) + r * times_, times_);
    }
  }

 private:
  const int64_t size_, times_;
};

// y = x - x[:, size - 1].
class SubLastOp final : public Op {
 public:
  SubLastOp(TensorId x, TensorId out, int64_t size)
      : Op(op_name::kSubLast, {x}, out), size_(size) {}

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows; ++r) {
      const float* x = In(c, 0) + r * size_;
      float* y = Out(c) + r * size_;
      for (int64_t i = 0; i < size_; ++i) y[i] = x[i] - x[size_ - 1];
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
    for (int64_t r = 0; r < c.rows; ++r) {
      dx[r * size_ + size_ - 1] -= Sum(GradOut(c) + r * size_, size_);
    }
  }

 private:
  const int64_t size_;
};

}  // namespace

Tensor RepeatLast(Recorder& g, Tensor x, int64_t times) {
  const Tensor y = g.Activation({times}, g.needs_grad(x));
  return g.Record(std::make_unique<RepeatLastOp>(x.id, y.id, g.size(x), times), y);
}

Tensor SubLast(Recorder& g, Tensor x) {
  const Tensor y = g.Activation({g.size(x)}, g.needs_grad(x));
  return g.Record(std::make_unique<SubLastOp>(x.id, y.id, g.size(x)), y);
}

}  // namespace nf
