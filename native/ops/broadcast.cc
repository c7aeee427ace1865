#include "ops/broadcast.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: the weight or state, `parts` times `width` values.
class BroadcastOp final : public Op {
 public:
  BroadcastOp(TensorId from, TensorId out, int64_t parts, int64_t width, bool trained)
      : Op(op_name::kBroadcast, {from}, out), width_(width), size_(parts * width) {
    if (!trained) return;
    gradients = {{from}};
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

template <class Stored>
Tensor Record(Recorder& g, Stored from, bool trained) {
  const int64_t parts = g.dims(from)[0], width = g.size(from) / parts;
  const Tensor y = g.Activation(g.dims(from), trained);
  return g.Record(std::make_unique<BroadcastOp>(from.id, y.id, parts, width, trained), y);
}

}  // namespace

Tensor Broadcast(Recorder& g, Weight weight) { return Record(g, weight, true); }

Tensor Broadcast(Recorder& g, State state) { return Record(g, state, false); }

}  // namespace nf
