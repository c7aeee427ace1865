#include "ops/glu.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// x [outer, 2 n] -> [outer, n] in each row.
class GluOp final : public Op {
 public:
  GluOp(TensorId x, TensorId out, int64_t outer, int64_t n)
      : Op(op_name::kGlu, {x}, out), outer_(outer), n_(n) {}

  void Forward(const OpContext& c) const override {
    c.kernels->gating.glu_forward(In(c, 0), Size(c.rows * outer_), Size(n_), Out(c));
  }
  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->gating.glu_backward(In(c, 0), GradOut(c), Size(c.rows * outer_), Size(n_),
                                   c.accumulate[0], GradIn(c, 0));
  }
  bool BackwardReadsInput(int) const override { return true; }

 private:
  const int64_t outer_, n_;
};

}  // namespace

Tensor Glu(Recorder& g, Tensor x, Axis axis) {
  const AlongAxis along(g, x, axis);
  NF_CHECK(along.inner == 1 && along.count % 2 == 0);
  const int64_t half = along.count / 2;
  const Tensor y = g.Activation(along.With(half), g.needs_grad(x));
  return g.Record(std::make_unique<GluOp>(x.id, y.id, along.outer, half), y);
}

}  // namespace nf
