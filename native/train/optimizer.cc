#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

namespace nf {
namespace {

constexpr int64_t kRange = 16384;  // floats: four slabs of it fit into L2

}  // namespace

Optimizer::Optimizer(const TrainConfig& config, Engine& engine, int64_t slab_size)
    : config_(config),
      engine_(engine),
      slab_size_(slab_size),
      partial_(static_cast<size_t>((slab_size + kRange - 1) / kRange)) {}

double Optimizer::Norm(const float* gradients) {
  const auto ranges = static_cast<int64_t>(partial_.size());
  engine_.executor.ParallelFor(ranges, [&](int64_t i, int) {
    const int64_t begin = i * kRange, n = std::min(kRange, slab_size_ - begin);
    partial_[static_cast<size_t>(i)] =
        engine_.kernels.elementwise.sum_squares(gradients + begin, static_cast<size_t>(n));
  });
  double sum = 0;
  for (double p : partial_) sum += p;
  return std::sqrt(sum);
}

void Optimizer::Step(int64_t step, double rate, float grad_scale, const float* gradients,
                     float* parameters, float* moment1, float* moment2) {
  OptimArgs args;
  args.learning_rate = rate;
  args.beta1 = config_.beta1;
  args.beta2 = config_.beta2;
  args.momentum = config_.momentum;
  args.epsilon = config_.epsilon;
  args.weight_decay = config_.weight_decay;
  args.grad_scale = grad_scale;
  if (config_.gradient_clip_norm > 0) {
    const double norm = Norm(gradients) * grad_scale;
    // torch's clip_grad_norm_: the 1e-6 keeps a zero norm from dividing.
    const double factor = std::min(1.0, config_.gradient_clip_norm / (norm + 1e-6));
    args.grad_scale *= factor;
  }
  const double t = static_cast<double>(step) + 1.0;
  args.bias_correction1 = 1.0 - std::pow(config_.beta1, t);
  args.bias_correction2 = 1.0 - std::pow(config_.beta2, t);
  const OptimKernels& k = engine_.kernels.optim;
  const auto update = config_.optimizer == "adam"    ? k.adam
                      : config_.optimizer == "adamw" ? k.adamw
                      : config_.optimizer == "sgd"   ? k.sgd
                                                     : k.rmsprop;
  engine_.executor.ParallelFor(static_cast<int64_t>(partial_.size()), [&](int64_t i, int) {
    const int64_t begin = i * kRange, n = std::min(kRange, slab_size_ - begin);
    update(args, parameters + begin, gradients + begin, moment1 + begin, moment2 + begin,
           static_cast<size_t>(n));
  });
}

}  // namespace nf
