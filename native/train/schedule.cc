#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nf {
namespace {

// From `from` at part = 0 to `to` at part = 1 along half a cosine.
double Cosine(double from, double to, double part) {
  return to + (from - to) * (1.0 + std::cos(std::numbers::pi * part)) / 2.0;
}

// torch's OneCycleLR with its defaults: up from rate / 25 over the first 30%, then down to
// rate / 25 / 1e4.
double OneCycle(const TrainConfig& c, int64_t max_steps, int64_t step) {
  const double start = c.learning_rate / 25.0, end = start / 1e4;
  const double total = static_cast<double>(max_steps);
  const double rise =
      (c.warmup_steps > 0 ? static_cast<double>(c.warmup_steps) : 0.3 * total) - 1.0;
  const double t = static_cast<double>(step);
  if (t <= rise) return Cosine(start, c.learning_rate, rise > 0 ? t / rise : 1.0);
  return Cosine(c.learning_rate, end, std::min(1.0, (t - rise) / (total - 1.0 - rise)));
}

}  // namespace

double Schedule::Rate(int64_t step) const {
  const TrainConfig& c = config_;
  const double base = c.learning_rate, t = static_cast<double>(step);
  const double total = static_cast<double>(std::max<int64_t>(max_steps_, 1));
  if (c.lr_scheduler == "step") {
    if (c.num_lr_decays <= 0) return base;
    const int64_t every = std::max<int64_t>(max_steps_ / c.num_lr_decays, 1);
    return base * std::pow(c.lr_gamma, static_cast<double>(step / every));
  }
  if (c.lr_scheduler == "cosine") return Cosine(base, c.min_learning_rate, t / total);
  if (c.lr_scheduler == "exponential") return base * std::pow(c.lr_gamma, t);
  if (c.lr_scheduler == "onecycle") return OneCycle(c, max_steps_, step);
  if (c.lr_scheduler == "warmupCosine") {
    const double warmup = static_cast<double>(std::min(c.warmup_steps, max_steps_));
    if (t < warmup) return base * (t + 1.0) / warmup;
    return Cosine(base, c.min_learning_rate, (t - warmup) / std::max(total - warmup, 1.0));
  }
  if (c.lr_scheduler == "plateau" && plateau_.rate > 0) return plateau_.rate;
  return base;
}

void Schedule::OnValidation(double loss) {
  if (config_.lr_scheduler != "plateau") return;
  constexpr double kThreshold = 1e-4, kLeastChange = 1e-8;
  if (plateau_.rate == 0) {
    plateau_ = {config_.learning_rate, loss, 0};
    return;
  }
  if (loss < plateau_.best * (1.0 - kThreshold)) {
    plateau_.best = loss;
    plateau_.bad_checks = 0;
    return;
  }
  if (++plateau_.bad_checks <= config_.lr_patience) return;
  const double next = std::max(plateau_.rate * config_.lr_gamma, config_.min_learning_rate);
  if (plateau_.rate - next > kLeastChange) plateau_.rate = next;
  plateau_.bad_checks = 0;
}

}  // namespace nf
