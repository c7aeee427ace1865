#include "ops/repeat_rows.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/integers.h"

namespace nf {
namespace {

class RepeatRowsOp final : public Op {
 public:
  RepeatRowsOp(TensorId x, TensorId out, int64_t time, int64_t channels)
      : Op(op_name::kRepeatRows, {x}, out), time_(time), channels_(channels) {}

  void Forward(const OpContext& c) const override {
    float* y = Out(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      for (int64_t t = 0; t < time_; ++t, y += channels_) {
        std::copy_n(In(c, 0) + r * channels_, channels_, y);
      }
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    if (!c.accumulate[0]) std::fill_n(dx, c.rows * channels_, 0.0f);
    const float* dy = GradOut(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      for (int64_t t = 0; t < time_; ++t, dy += channels_) {
        c.kernels->elementwise.axpy(1.0f, dy, dx + r * channels_, Size(channels_));
      }
    }
  }

 private:
  const int64_t time_, channels_;
};

}  // namespace

Tensor RepeatRows(Recorder& g, Tensor x, int64_t time) {
  const Tensor y = g.Activation({time, g.size(x)}, g.needs_grad(x));
  return g.Record(std::make_unique<RepeatRowsOp>(x.id, y.id, time, g.size(x)), y);
}

}  // namespace nf
