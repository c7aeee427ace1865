#include "ops/add_row.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: x, the row.
class AddRowOp final : public Op {
 public:
  AddRowOp(TensorId x, TensorId row, TensorId out, int64_t time, int64_t channels, Activation act)
      : Op(op_name::kAddRow, {x, row}, out), time_(time), channels_(channels), act_(act) {}

  void Forward(const OpContext& c) const override {
    const auto add = c.kernels->map.of(BinaryMap::kAdd).forward;
    for (int64_t i = 0; i < c.rows * time_; ++i) {
      const int64_t at = i * channels_;
      add(In(c, 0) + at, In(c, 1) + i / time_ * channels_, Out(c) + at, Size(channels_));
    }
    if (act_ == Activation::kNone) return;
    c.kernels->activation.forward(act_, Out(c), Out(c), Size(c.rows * time_ * channels_));
  }

  // dz = dy * act'(y) in place of dy; of x it is the gradient, of the row the sum over the times.
  void Backward(const OpContext& c) const override {
    const int64_t size = c.rows * time_ * channels_;
    float* dz = GradOut(c);
    if (act_ != Activation::kNone) {
      c.kernels->activation.backward(act_, Out(c), dz, dz, Size(size));
    }
    if (GradIn(c, 0) != nullptr) Contribute(c, 0, 1.0f, dz, size);
    if (GradIn(c, 1) == nullptr) return;
    for (int64_t r = 0; r < c.rows; ++r) {
      c.kernels->elementwise.column_sums(dz + r * time_ * channels_, Size(time_), Size(channels_),
                                         Size(channels_), 1.0f, c.accumulate[1],
                                         GradIn(c, 1) + r * channels_);
    }
  }
  bool BackwardReadsOutput() const override { return act_ != Activation::kNone; }

 private:
  const int64_t time_, channels_;
  const Activation act_;
};

}  // namespace

Tensor AddRow(Recorder& g, Tensor x, Tensor row, Activation act) {
  NF_CHECK(g.dims(x).size() == 2 && g.dims(row).size() == 1);
  const int64_t time = g.dims(x)[0], channels = g.dims(x)[1];
  NF_CHECK(g.size(row) == channels);
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x) || g.needs_grad(row));
  return g.Record(std::make_unique<AddRowOp>(x.id, row.id, y.id, time, channels, act), y);
}

}  // namespace nf
