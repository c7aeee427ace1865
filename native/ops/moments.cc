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
  void Backward(const OpContext&) const override {}
  int64_t ScratchFloats(const KernelTable&) const override { return (6 + time_) * n_; }

 private:
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
  NF_CHECK(!g.needs_grad(x) && epsilon > 0);
  const Tensor y = g.Activation({2, n}, false);
  return g.Record(std::make_unique<MomentsOp>(x.id, y.id, time, n, centre, epsilon), y);
}

}  // namespace nf
