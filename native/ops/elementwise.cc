#include "ops/elementwise.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class AddOp final : public Op {
 public:
  AddOp(TensorId a, TensorId b, TensorId out, int64_t size)
      : Op(op_name::kAdd, {a, b}, out), size_(size) {}

  void Forward(const OpContext& c) const override {
    c.kernels->elementwise.add(In(c, 0), In(c, 1), Out(c), Size(c.rows * size_));
  }
  void Backward(const OpContext& c) const override {
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
    Contribute(c, 1, 1.0f, GradOut(c), c.rows * size_);
  }

 private:
  const int64_t size_;
};

class SubOp final : public Op {
 public:
  SubOp(TensorId a, TensorId b, TensorId out, int64_t size)
      : Op(op_name::kSub, {a, b}, out), size_(size) {}

  void Forward(const OpContext& c) const override {
    c.kernels->elementwise.sub(In(c, 0), In(c, 1), Out(c), Size(c.rows * size_));
  }
  void Backward(const OpContext& c) const override {
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
    Contribute(c, 1, -1.0f, GradOut(c), c.rows * size_);
  }

 private:
  const int64_t size_;
};

// Its slope needs x, so it is no activation of a linear layer.
class GeluOp final : public Op {
 public:
  GeluOp(TensorId x, TensorId out, int64_t size) : Op(op_name::kGelu, {x}, out), size_(size) {}

  void Forward(const OpContext& c) const override {
    c.kernels->activation.gelu(In(c, 0), Out(c), Size(c.rows * size_));
  }
  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    float* dx = c.accumulate[0] ? GradOut(c) : GradIn(c, 0);
    c.kernels->activation.gelu_backward(In(c, 0), GradOut(c), dx, Size(c.rows * size_));
    if (c.accumulate[0]) Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  }
  bool BackwardReadsInput(int) const override { return true; }

 private:
  const int64_t size_;
};

}  // namespace

Tensor Add(Recorder& g, Tensor a, Tensor b) {
  NF_CHECK(g.size(a) == g.size(b));
  const Tensor y = g.Activation(g.dims(a), g.needs_grad(a) || g.needs_grad(b));
  return g.Record(std::make_unique<AddOp>(a.id, b.id, y.id, g.size(a)), y);
}

Tensor Sub(Recorder& g, Tensor a, Tensor b) {
  NF_CHECK(g.size(a) == g.size(b));
  const Tensor y = g.Activation(g.dims(a), g.needs_grad(a) || g.needs_grad(b));
  return g.Record(std::make_unique<SubOp>(a.id, b.id, y.id, g.size(a)), y);
}

Tensor Gelu(Recorder& g, Tensor x) {
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x));
  return g.Record(std::make_unique<GeluOp>(x.id, y.id, g.size(x)), y);
}

}  // namespace nf
