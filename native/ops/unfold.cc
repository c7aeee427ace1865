#include "ops/unfold.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// As kernels/layout.h has it.
class UnfoldOp final : public Op {
 public:
  UnfoldOp(TensorId x, TensorId out, const UnfoldShape& shape)
      : Op(op_name::kUnfold, {x}, out),
        shape_(shape),
        size_(static_cast<int64_t>(shape.time * shape.channels)),
        unfolded_(size_ * static_cast<int64_t>(shape.kernel)) {}

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows; ++r) {
      c.kernels->layout.unfold(In(c, 0) + r * size_, shape_, Out(c) + r * unfolded_);
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    for (int64_t r = 0; r < c.rows; ++r) {
      c.kernels->layout.fold(GradOut(c) + r * unfolded_, shape_, c.accumulate[0], dx + r * size_);
    }
  }

 private:
  const UnfoldShape shape_;
  const int64_t size_, unfolded_;
};

Tensor Record(Recorder& g, Tensor x, UnfoldShape shape) {
  const int64_t time = g.dims(x)[0], channels = g.dims(x)[1];
  shape.time = Size(time), shape.channels = Size(channels);
  const Tensor y =
      g.Activation({time, channels * static_cast<int64_t>(shape.kernel)}, g.needs_grad(x));
  return g.Record(std::make_unique<UnfoldOp>(x.id, y.id, shape), y);
}

}  // namespace

Tensor UnfoldCausal(Recorder& g, Tensor x, int64_t kernel, int64_t dilation) {
  NF_CHECK(g.dims(x).size() == 2 && kernel >= 1 && dilation >= 1);
  if (kernel == 1) return x;
  UnfoldShape shape{};
  shape.kernel = Size(kernel), shape.dilation = Size(dilation), shape.left = Size(kernel - 1);
  return Record(g, x, shape);
}

Tensor UnfoldCircular(Recorder& g, Tensor x, int64_t kernel) {
  NF_CHECK(g.dims(x).size() == 2 && kernel % 2 == 1);
  if (kernel == 1) return x;
  UnfoldShape shape{};
  shape.kernel = Size(kernel), shape.dilation = 1, shape.left = Size(kernel / 2);
  shape.circular = true;
  return Record(g, x, shape);
}

}  // namespace nf
