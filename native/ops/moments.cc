#include "ops/moments.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class MomentsOp final : public Op {
 public:
  MomentsOp(TensorId x, TensorId out, int64_t time, int64_t n, Centre centre, double epsilon)
      : Op(op_name::kMoments, {x}, out), time_(time), n_(n), centre_(centre), epsilon_(epsilon) {}

  // About the last value: sums of squares far from 0 would lose the variance.
  void Forward(const OpContext& c) const override {
    auto* sums = reinterpret_cast<double*>(c.scratch);
    float *zero = c.scratch + 4 * n_, *one = zero + n_, *about_last = one + n_;
    std::fill_n(zero, n_, 0.0f);
    std::fill_n(one, n_, 1.0f);
    for (int64_t r = 0; r < c.rows; ++r) {
      const float *x = In(c, 0) + r * time_ * n_, *last = x + (time_ - 1) * n_;
      c.kernels->norm.channel_forward(x, Size(time_), Size(n_), last, one, zero, about_last);
      c.kernels->norm.channel_sums(about_last, about_last, Size(time_), Size(n_), sums);
      Put(last, sums, Out(c) + r * 2 * n_);
    }
  }
  // x is the data, but where a model with a norm of its own stands behind a learned scale.
  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    for (int64_t r = 0; r < c.rows; ++r) {
      const float *x = In(c, 0) + r * time_ * n_, *moments = Out(c) + r * 2 * n_;
      const float* slope = GradOut(c) + r * 2 * n_;
      float* dx = GradIn(c, 0) + r * time_ * n_;
      if (!c.accumulate[0]) std::fill_n(dx, time_ * n_, 0.0f);
      for (int64_t j = 0; j < n_; ++j) {
        AddSlopes(x + j, slope[j], slope[n_ + j] / moments[n_ + j], dx + j);
      }
    }
  }
  bool BackwardReadsInput(int) const override { return true; }
  bool BackwardReadsOutput() const override { return true; }
  int64_t ScratchFloats(const KernelTable&) const override { return (6 + time_) * n_; }

 private:
  // Of one channel: `centre` is the slope of the centre, `spread` that of half the variance.
  void AddSlopes(const float* x, float centre, float spread, float* dx) const {
    double mean = 0;
    for (int64_t t = 0; t < time_; ++t) mean += x[t * n_];
    mean /= static_cast<double>(time_);
    const float share = 1.0f / static_cast<float>(time_);
    const float even = centre_ == Centre::kMean ? centre * share : 0.0f;
    for (int64_t t = 0; t < time_; ++t) {
      dx[t * n_] += even + spread * share * static_cast<float>(x[t * n_] - mean);
    }
    if (centre_ == Centre::kLast) dx[(time_ - 1) * n_] += centre;
  }

  void Put(const float* last, const double* sums, float* moments) const {
    const auto count = static_cast<double>(time_);
    for (int64_t j = 0; j < n_; ++j) {
      const double mean = sums[j] / count, variance = sums[n_ + j] / count - mean * mean;
      moments[j] = centre_ == Centre::kLast ? last[j] : static_cast<float>(last[j] + mean);
      moments[n_ + j] = static_cast<float>(std::sqrt(std::max(variance, 0.0) + epsilon_));
    }
  }

  const int64_t time_, n_;
  const Centre centre_;
  const double epsilon_;
};

}  // namespace

Tensor Moments(Recorder& g, Tensor x, Centre centre, double epsilon) {
  const int64_t time = g.dims(x)[0], n = g.size(x) / time;
  NF_CHECK(epsilon > 0);
  const Tensor y = g.Activation({2, n}, g.needs_grad(x));
  return g.Record(std::make_unique<MomentsOp>(x.id, y.id, time, n, centre, epsilon), y);
}

}  // namespace nf
