#include "ops/patches.h"

#include <algorithm>
#include <memory>

#include "ops/copy_or_add.h"
#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

class PatchesOp final : public Op {
 public:
  PatchesOp(TensorId x, TensorId out, int64_t time, int64_t patches, int64_t length, int64_t stride)
      : Op(op_name::kPatches, {x}, out),
        time_(time),
        patches_(patches),
        length_(length),
        stride_(stride) {}

  void Forward(const OpContext& c) const override {
    float* y = Out(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      const float* x = In(c, 0) + r * time_;
      for (int64_t p = 0; p < patches_; ++p) {
        const int64_t own = Own(p);
        y = std::copy_n(x + p * stride_, own, y);
        y = std::fill_n(y, length_ - own, x[time_ - 1]);
      }
    }
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    if (!c.accumulate[0]) std::fill_n(GradIn(c, 0), c.rows * time_, 0.0f);
    const float* dy = GradOut(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      float* dx = GradIn(c, 0) + r * time_;
      for (int64_t p = 0; p < patches_; ++p, dy += length_) {
        const int64_t own = Own(p);
        CopyOrAdd(true, dy, dx + p * stride_, own);
        for (int64_t i = own; i < length_; ++i) dx[time_ - 1] += dy[i];
      }
    }
  }

 private:
  // Steps of patch p that the series has; behind them its last value is repeated.
  int64_t Own(int64_t p) const { return std::clamp(time_ - p * stride_, int64_t{0}, length_); }

  const int64_t time_, patches_, length_, stride_;
};

}  // namespace

Tensor Patches(Recorder& g, Tensor x, int64_t length, int64_t stride, int64_t padding) {
  const int64_t time = g.size(x), last = time + padding - length;
  NF_CHECK(g.dims(x).size() == 1 && length >= 1 && stride >= 1 && padding >= 0 && last >= 0);
  const int64_t patches = last / stride + 1;
  const Tensor y = g.Activation({patches, length}, g.needs_grad(x));
  return g.Record(std::make_unique<PatchesOp>(x.id, y.id, time, patches, length, stride), y);
}

}  // namespace nf
