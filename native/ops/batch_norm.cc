#include "ops/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: x, gamma, beta, running mean and variance.
class BatchNormOp final : public Op {
 public:
  BatchNormOp(std::vector<TensorId> inputs, TensorId out_id, TensorId of_batch, int64_t time,
              int64_t n, double momentum, double epsilon)
      : Op(op_name::kBatchNorm, std::move(inputs), out_id),
        time_(time),
        n_(n),
        momentum_(momentum),
        epsilon_(epsilon) {
    coupled_sums = 2 * n;
    shared = {of_batch};
    gradients = {{this->inputs[1], {this->inputs[2]}}};
  }

  // Of x and x * x, then of dy and dy * x.
  void PartialSums(const OpContext& c, Direction direction, int64_t begin, int64_t end,
                   double* sums) const override {
    const int64_t at = begin * time_ * n_;
    const float* x = In(c, 0) + at;
    const float* from = direction == Direction::kForward ? x : GradOut(c) + at;
    c.kernels->norm.channel_sums(from, x, Size((end - begin) * time_), Size(n_), sums);
  }

  void Join(const OpContext& c, Direction direction, int64_t rows,
            const double* sums) const override {
    const auto count = static_cast<double>(rows * time_);
    for (int64_t j = 0; j < n_; ++j) {
      if (direction == Direction::kForward) {
        JoinForward(c, j, count, sums[j], sums[n_ + j]);
      } else {
        JoinBackward(c, j, count, sums[j], sums[n_ + j]);
      }
    }
  }

  void Forward(const OpContext& c) const override {
    const float *mean = In(c, 3), *scale = c.scratch;
    if (c.data[shared[0]] != nullptr) {
      mean = OfBatch(c, kMean);
      scale = OfBatch(c, kScale);
    } else {
      for (int64_t j = 0; j < n_; ++j)
        c.scratch[j] = static_cast<float>(In(c, 1)[j] / std::sqrt(In(c, 4)[j] + epsilon_));
    }
    c.kernels->norm.channel_forward(In(c, 0), Size(c.rows * time_), Size(n_), mean, scale, In(c, 2),
                                    Out(c));
  }
  int64_t ScratchFloats(const KernelTable&) const override { return n_; }

  // With z the normalised x: dx = (dy - mean(dy) - z * mean(dy * z)) * gamma / std.
  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->norm.channel_backward(In(c, 0), GradOut(c), Size(c.rows * time_), Size(n_),
                                     OfBatch(c, kMean), OfBatch(c, kScale), OfBatch(c, kSlope),
                                     OfBatch(c, kShift), c.accumulate[0], GradIn(c, 0));
  }
  bool BackwardReadsInput(int i) const override { return i == 0; }

  // Known already. A batch is not cut, so this is asked for all of its rows at once.
  void WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha, bool first,
                  float*) const override {
    float *gamma = c.grad[inputs[1]], *beta = c.grad[inputs[2]];
    for (int64_t j = begin; j < end; ++j) {
      gamma[j] = (first ? 0.0f : gamma[j]) + alpha * OfBatch(c, kGradGamma)[j];
      beta[j] = (first ? 0.0f : beta[j]) + alpha * OfBatch(c, kGradBeta)[j];
    }
  }

  void UpdateStates(const OpContext& c) const override {
    const auto move = [&](float* state, const float* to) {
      for (int64_t j = 0; j < n_; ++j)
        state[j] = static_cast<float>((1.0 - momentum_) * state[j] + momentum_ * to[j]);
    };
    move(In(c, 3), OfBatch(c, kMean));
    move(In(c, 4), OfBatch(c, kUnbiased));
  }

  // What is known of a batch, [n] each.
  enum Part { kMean, kDeviation, kUnbiased, kScale, kSlope, kShift, kGradGamma, kGradBeta, kParts };

 private:
  float* In(const OpContext& c, size_t i) const { return c.data[inputs[i]]; }
  float* OfBatch(const OpContext& c, Part part) const { return c.data[shared[0]] + part * n_; }

  // Squares of floats are exact in double, so that their sum may be about 0 instead of the mean.
  void JoinForward(const OpContext& c, int64_t j, double count, double sum, double squares) const {
    const double mean = sum / count, variance = std::max(squares / count - mean * mean, 0.0);
    const double deviation = std::sqrt(variance + epsilon_);
    OfBatch(c, kMean)[j] = static_cast<float>(mean);
    OfBatch(c, kDeviation)[j] = static_cast<float>(deviation);
    OfBatch(c, kUnbiased)[j] = static_cast<float>(variance * count / std::max(count - 1.0, 1.0));
    OfBatch(c, kScale)[j] = static_cast<float>(In(c, 1)[j] / deviation);
  }

  void JoinBackward(const OpContext& c, int64_t j, double count, double sum, double product) const {
    const double deviation = OfBatch(c, kDeviation)[j], scale = In(c, 1)[j] / deviation;
    const double grad_gamma = (product - OfBatch(c, kMean)[j] * sum) / deviation;
    OfBatch(c, kSlope)[j] = static_cast<float>(scale * grad_gamma / (deviation * count));
    OfBatch(c, kShift)[j] = static_cast<float>(scale * sum / count);
    OfBatch(c, kGradGamma)[j] = static_cast<float>(grad_gamma);
    OfBatch(c, kGradBeta)[j] = static_cast<float>(sum);
  }

  const int64_t time_, n_;
  const double momentum_, epsilon_;
};

}  // namespace

Tensor BatchNorm(Recorder& g, Tensor x, Weight gamma, Weight beta, State mean, State variance,
                 double momentum, double epsilon) {
  const int64_t n = g.dims(x).back(), time = g.size(x) / n;
  NF_CHECK(g.size(gamma) == n && g.size(beta) == n && g.size(mean) == n && g.size(variance) == n);
  NF_CHECK(momentum >= 0 && momentum <= 1 && epsilon > 0);
  const Tensor y = g.Activation(g.dims(x), true);
  const TensorId of_batch = g.Shared({BatchNormOp::kParts, n});
  std::vector<TensorId> inputs = {x.id, gamma.id, beta.id, mean.id, variance.id};
  return g.Record(
      std::make_unique<BatchNormOp>(std::move(inputs), y.id, of_batch, time, n, momentum, epsilon),
      y);
}

}  // namespace nf
