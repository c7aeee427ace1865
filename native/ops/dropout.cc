#include "ops/dropout.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/integers.h"

namespace nf {
namespace {

// The draws depend on (seed, step, row of the batch, op), so backward draws them again instead of
// keeping a mask.
class DropoutOp final : public Op {
 public:
  DropoutOp(TensorId x, TensorId out, int64_t size, float p)
      : Op(op_name::kDropout, {x}, out), size_(size), p_(p) {}

  void Forward(const OpContext& c) const override {
    if (c.training) {
      Apply(c, In(c, 0), Out(c));
    } else {
      std::copy_n(In(c, 0), c.rows * size_, Out(c));
    }
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    if (c.training && !c.accumulate[0]) return Apply(c, GradOut(c), GradIn(c, 0));
    if (c.training) Apply(c, GradOut(c), GradOut(c));
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  }

 private:
  void Apply(const OpContext& c, const float* x, float* y) const {
    for (int64_t r = 0; r < c.rows; ++r) {
      c.kernels->elementwise.dropout(x + r * size_, y + r * size_, Size(size_), p_, c.seed,
                                     static_cast<uint32_t>(output), static_cast<uint64_t>(c.step),
                                     static_cast<uint32_t>(c.first_row + r));
    }
  }

  const int64_t size_;
  const float p_;
};

}  // namespace

Tensor Dropout(Recorder& g, Tensor x, double p) {
  if (p == 0) return x;
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x));
  return g.Record(std::make_unique<DropoutOp>(x.id, y.id, g.size(x), static_cast<float>(p)), y);
}

}  // namespace nf
