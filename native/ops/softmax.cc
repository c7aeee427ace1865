#include "ops/softmax.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// Over n values each, `outer` times in a row.
class SoftmaxOp final : public Op {
 public:
  SoftmaxOp(TensorId x, TensorId out, int64_t outer, int64_t n)
      : Op(op_name::kSoftmax, {x}, out), outer_(outer), n_(n) {}

  void Forward(const OpContext& c) const override {
    c.kernels->gating.softmax_forward(In(c, 0), Size(c.rows * outer_), Size(n_), Out(c));
  }
  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->gating.softmax_backward(Out(c), GradOut(c), Size(c.rows * outer_), Size(n_),
                                       c.accumulate[0], GradIn(c, 0));
  }
  bool BackwardReadsOutput() const override { return true; }

 private:
  const int64_t outer_, n_;
};

}  // namespace

Tensor Softmax(Recorder& g, Tensor x, Axis axis) {
  const AlongAxis along(g, x, axis);
  NF_CHECK(along.inner == 1);
  const Tensor y = g.Activation(along.dims, g.needs_grad(x));
  return g.Record(std::make_unique<SoftmaxOp>(x.id, y.id, along.outer, along.count), y);
}

}  // namespace nf
