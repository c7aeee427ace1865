#include "ops/transpose.h"

#include <memory>
#include <utility>
#include <vector>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class TransposeOp final : public Op {
 public:
  TransposeOp(TensorId x, TensorId out, int64_t outer, int64_t time, int64_t channels)
      : Op(op_name::kTranspose, {x}, out), outer_(outer), time_(time), channels_(channels) {}

  void Forward(const OpContext& c) const override {
    const int64_t n = time_ * channels_;
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      c.kernels->layout.transpose(In(c, 0) + r * n, Size(time_), Size(channels_), Out(c) + r * n);
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    const int64_t n = time_ * channels_;
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      float* to = c.accumulate[0] ? c.scratch : dx + r * n;
      c.kernels->layout.transpose(GradOut(c) + r * n, Size(channels_), Size(time_), to);
      if (c.accumulate[0]) c.kernels->elementwise.axpy(1.0f, to, dx + r * n, Size(n));
    }
  }
  // One matrix of gradient, where it has to be added.
  int64_t ScratchFloats(const KernelTable&) const override { return time_ * channels_; }

 private:
  const int64_t outer_, time_, channels_;
};

}  // namespace

Tensor Transpose(Recorder& g, Tensor x) {
  std::vector<int64_t> dims = g.dims(x);
  NF_CHECK(dims.size() >= 2);
  int64_t &time = dims[dims.size() - 2], &channels = dims.back();
  const int64_t outer = g.size(x) / (time * channels);
  std::swap(time, channels);
  const Tensor y = g.Activation(dims, g.needs_grad(x));
  return g.Record(std::make_unique<TransposeOp>(x.id, y.id, outer, channels, time), y);
}

}  // namespace nf
