#include "ops/interpolate.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "ops/packs.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// y[t] = sum over j of taps[t][1 + j] * x[taps[t][0] + j].
class InterpolateOp final : public Op {
 public:
  InterpolateOp(TensorId x, TensorId out, int64_t knots, int64_t channels, const ConstMatrix& taps)
      : Op(op_name::kInterpolate, {x}, out),
        knots_(knots),
        channels_(channels),
        times_(taps.rows),
        row_(taps.cols) {
    packs.push_back(PlainPack(taps));
    flops_forward = flops_input = 2 * times_ * (row_ - 1) * channels;
  }

  void Forward(const OpContext& c) const override {
    float* y = Out(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      const float* tap = c.Pack(0);
      const float* x = In(c, 0) + r * knots_ * channels_;
      for (int64_t t = 0; t < times_; ++t, tap += row_, y += channels_) {
        const float* from = x + static_cast<int64_t>(tap[0]) * channels_;
        for (int64_t ch = 0; ch < channels_; ++ch) y[ch] = tap[1] * from[ch];
        for (int64_t j = 2; j < row_; ++j) {
          from += channels_;
          for (int64_t ch = 0; ch < channels_; ++ch) y[ch] += tap[j] * from[ch];
        }
      }
    }
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    const int64_t width = knots_ * channels_;
    if (!c.accumulate[0]) std::fill_n(GradIn(c, 0), c.rows * width, 0.0f);
    const float* dy = GradOut(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      const float* tap = c.Pack(0);
      float* dx = GradIn(c, 0) + r * width;
      for (int64_t t = 0; t < times_; ++t, tap += row_, dy += channels_) {
        float* to = dx + static_cast<int64_t>(tap[0]) * channels_;
        for (int64_t j = 1; j < row_; ++j, to += channels_) {
          for (int64_t ch = 0; ch < channels_; ++ch) to[ch] += tap[j] * dy[ch];
        }
      }
    }
  }

 private:
  const int64_t knots_, channels_, times_, row_;
};

}  // namespace

Tensor Interpolate(Recorder& g, Tensor x, const ConstMatrix& taps) {
  NF_CHECK(g.dims(x).size() == 2 && taps.cols >= 2);
  const int64_t knots = g.dims(x)[0], channels = g.dims(x)[1];
  const Tensor y = g.Activation({taps.rows, channels}, g.needs_grad(x));
  return g.Record(std::make_unique<InterpolateOp>(x.id, y.id, knots, channels, taps), y);
}

}  // namespace nf
