#include "ops/standardise.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: x [time, n], moments [2, n].
class StandardiseOp final : public Op {
 public:
  StandardiseOp(TensorId x, TensorId moments, TensorId out, int64_t time, int64_t n, bool inverse,
                bool fitted)
      : Op(inverse ? op_name::kUnstandardise : op_name::kStandardise, {x, moments}, out),
        time_(time),
        n_(n),
        inverse_(inverse),
        fitted_(fitted) {}

  void Forward(const OpContext& c) const override {
    const float* zero = Zeros(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      const float *centre = In(c, 1) + r * 2 * n_, *scale = Scale(c, r);
      c.kernels->norm.channel_forward(In(c, 0) + r * time_ * n_, Size(time_), Size(n_),
                                      inverse_ ? zero : centre, scale, inverse_ ? centre : zero,
                                      Out(c) + r * time_ * n_);
    }
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 1) != nullptr) SlopesOfMoments(c);
    if (GradIn(c, 0) == nullptr) return;
    const float* zero = Zeros(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      const float* dy = GradOut(c) + r * time_ * n_;
      c.kernels->norm.channel_backward(dy, dy, Size(time_), Size(n_), zero, Scale(c, r), zero, zero,
                                       c.accumulate[0], GradIn(c, 0) + r * time_ * n_);
    }
  }
  bool BackwardReadsInput(int i) const override { return i == 1 || fitted_; }
  int64_t ScratchFloats(const KernelTable&) const override { return 4 * n_; }

 private:
  const float* Zeros(const OpContext& c) const {
    std::fill_n(c.scratch, n_, 0.0f);
    return c.scratch;
  }
  // What x is multiplied by in row r.
  const float* Scale(const OpContext& c, int64_t r) const {
    const float* deviation = In(c, 1) + (2 * r + 1) * n_;
    if (inverse_) return deviation;
    float* scale = c.scratch + n_;
    for (int64_t j = 0; j < n_; ++j) scale[j] = 1.0f / deviation[j];
    return scale;
  }

  // From the sums of dy and of dy * x.
  void SlopesOfMoments(const OpContext& c) const {
    auto* sums = reinterpret_cast<double*>(c.scratch);
    for (int64_t r = 0; r < c.rows; ++r) {
      const int64_t at = r * time_ * n_;
      c.kernels->norm.channel_sums(GradOut(c) + at, In(c, 0) + at, Size(time_), Size(n_), sums);
      const float *centre = In(c, 1) + r * 2 * n_, *deviation = centre + n_;
      float* to = GradIn(c, 1) + r * 2 * n_;
      for (int64_t j = 0; j < n_; ++j) {
        double of_centre = sums[j], of_deviation = sums[n_ + j];
        if (!inverse_) {
          const double scale = deviation[j];
          of_deviation = (of_centre * centre[j] - of_deviation) / (scale * scale);
          of_centre /= -scale;
        }
        to[j] = (c.accumulate[1] ? to[j] : 0.0f) + static_cast<float>(of_centre);
        to[n_ + j] = (c.accumulate[1] ? to[n_ + j] : 0.0f) + static_cast<float>(of_deviation);
      }
    }
  }

  const int64_t time_, n_;
  const bool inverse_, fitted_;  // fitted: the moments take a gradient
};

Tensor Record(Recorder& g, Tensor x, Tensor moments, bool inverse) {
  const int64_t n = g.size(moments) / 2, time = g.size(x) / n;
  NF_CHECK(g.dims(moments)[0] == 2);
  NF_CHECK(n == 1 || g.dims(x).back() == n);
  const bool fitted = g.needs_grad(moments);
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x) || fitted);
  return g.Record(std::make_unique<StandardiseOp>(x.id, moments.id, y.id, time, n, inverse, fitted),
                  y);
}

}  // namespace

Tensor Standardise(Recorder& g, Tensor x, Tensor moments) { return Record(g, x, moments, false); }

Tensor Unstandardise(Recorder& g, Tensor x, Tensor moments) { return Record(g, x, moments, true); }

}  // namespace nf
