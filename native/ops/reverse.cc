#include "ops/reverse.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// y[:, i] = x[:, size - 1 - i] in each of `outer` runs of a row.
class ReverseOp final : public Op {
 public:
  ReverseOp(TensorId x, TensorId out, int64_t outer, int64_t size)
      : Op(op_name::kReverse, {x}, out), outer_(outer), size_(size) {}

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      c.kernels->elementwise.reverse(In(c, 0) + r * size_, Out(c) + r * size_, Size(size_));
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      const float* dy = GradOut(c) + r * size_;
      float* to = dx + r * size_;
      if (!c.accumulate[0]) {
        c.kernels->elementwise.reverse(dy, to, Size(size_));
      } else {
        for (int64_t i = 0; i < size_; ++i) to[i] += dy[size_ - 1 - i];
      }
    }
  }

 private:
  const int64_t outer_, size_;
};

}  // namespace

Tensor Reverse(Recorder& g, Tensor x, Axis axis) {
  const AlongAxis along(g, x, axis);
  NF_CHECK(along.inner == 1);
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x));
  return g.Record(std::make_unique<ReverseOp>(x.id, y.id, along.outer, along.count), y);
}

}  // namespace nf
