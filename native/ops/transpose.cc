#include "ops/transpose.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class TransposeOp final : public Op {
 public:
  TransposeOp(TensorId x, TensorId out, int64_t time, int64_t channels)
      : Op(op_name::kTranspose, {x}, out), time_(time), channels_(channels) {}

  void Forward(const OpContext& c) const override {
    const int64_t n = time_ * channels_;
    for (int64_t r = 0; r < c.rows; ++r) {
      c.kernels->layout.transpose(In(c, 0) + r * n, Size(time_), Size(channels_), Out(c) + r * n);
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    const int64_t n = time_ * channels_;
    for (int64_t r = 0; r < c.rows; ++r) {
      float* to = c.accumulate[0] ? c.scratch : dx + r * n;
      c.kernels->layout.transpose(GradOut(c) + r * n, Size(channels_), Size(time_), to);
      if (c.accumulate[0]) c.kernels->elementwise.axpy(1.0f, to, dx + r * n, Size(n));
    }
  }
  // One row of gradient, where it has to be added.
  int64_t ScratchFloats(const KernelTable&) const override { return time_ * channels_; }

 private:
  const int64_t time_, channels_;
};

}  // namespace

Tensor Transpose(Recorder& g, Tensor x) {
  NF_CHECK(g.dims(x).size() == 2);
  const int64_t time = g.dims(x)[0], channels = g.dims(x)[1];
  const Tensor y = g.Activation({channels, time}, g.needs_grad(x));
  return g.Record(std::make_unique<TransposeOp>(x.id, y.id, time, channels), y);
}

}  // namespace nf
