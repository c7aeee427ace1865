#include "ops/broadcast.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: the weight, `parts` times `width` values.
class BroadcastOp final : public Op {
 public:
  BroadcastOp(TensorId weight, TensorId out, int64_t parts, int64_t width)
      : Op(op_name::kBroadcast, {weight}, out), width_(width), size_(parts * width) {
    gradients = {{weight}};
    batch_grad = {out};
  }

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows; ++r) std::copy_n(In(c, 0), size_, Out(c) + r * size_);
  }
  void Backward(const OpContext&) const override {}

  void WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha, bool first,
                  float*) const override {
    c.kernels->elementwise.column_sums(GradOut(c) + begin * width_, Size(c.rows),
                                       Size((end - begin) * width_), Size(size_), alpha, !first,
                                       GradIn(c, 0) + begin * width_);
  }

 private:
  const int64_t width_, size_;
};

}  // namespace

Tensor Broadcast(Recorder& g, Weight weight) {
  const int64_t parts = g.dims(weight)[0], width = g.size(weight) / parts;
  const Tensor y = g.Activation(g.dims(weight), true);
  return g.Record(std::make_unique<BroadcastOp>(weight.id, y.id, parts, width), y);
}

}  // namespace nf
