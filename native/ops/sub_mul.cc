#include "ops/sub_mul.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class SubMulOp final : public Op {
 public:
  SubMulOp(TensorId a, TensorId b, TensorId m, TensorId out, int64_t size)
      : Op(op_name::kSubMul, {a, b, m}, out), size_(size) {}

  void Forward(const OpContext& c) const override {
    c.kernels->elementwise.sub_mul(In(c, 0), In(c, 1), In(c, 2), Out(c), Size(c.rows * size_));
  }

  void Backward(const OpContext& c) const override {
    // grad[output] is ours to overwrite: this op is its last reader.
    c.kernels->map.of(BinaryMap::kMul)
        .forward(GradOut(c), In(c, 2), GradOut(c), Size(c.rows * size_));
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
    Contribute(c, 1, -1.0f, GradOut(c), c.rows * size_);
  }
  bool BackwardReadsInput(int i) const override { return i == 2; }

 private:
  const int64_t size_;
};

}  // namespace

Tensor SubMul(Recorder& g, Tensor a, Tensor b, Tensor m) {
  NF_CHECK(g.size(a) == g.size(b) && g.size(a) == g.size(m) && !g.needs_grad(m));
  const Tensor y = g.Activation(g.dims(a), g.needs_grad(a) || g.needs_grad(b));
  return g.Record(std::make_unique<SubMulOp>(a.id, b.id, m.id, y.id, g.size(a)), y);
}

}  // namespace nf
