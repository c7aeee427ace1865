// The trainer's step without its bookkeeping: sample, gather, forward, loss, backward, update.
#ifndef NF_BENCH_NATIVE_STEPPER_H_
#define NF_BENCH_NATIVE_STEPPER_H_

#include <cmath>
#include <cstdint>
#include <vector>

#include "data/sampler.h"
#include "report.h"
#include "train/optimizer.h"
#include "train/step_runner.h"
#include "train/trainer.h"

namespace nf {

// 32 series of 2000 steps: a daily and a weekly wave with noise.
inline Panel WavePanel() {
  Panel panel;
  panel.offsets = {0};
  std::vector<float> y;
  uint32_t state = 1;
  for (int s = 0; s < 32; ++s) {
    for (int t = 0; t < 2000; ++t) {
      state = state * 1664525u + 1013904223u;
      const double noise = static_cast<double>(state >> 8) * 0x1p-24 - 0.5;
      y.push_back(
          static_cast<float>(std::sin(t / 3.8 + s) + 0.5 * std::sin(t / 26.7) + 0.3 * noise));
    }
    panel.offsets.push_back(static_cast<int64_t>(y.size()));
  }
  panel.y = Column(std::span<const float>(y), true);
  return panel;
}

class Stepper {
 public:
  // The model and the panel must outlive it. `windows` rows a step.
  Stepper(const NeuralModel& model, const Panel& panel, int64_t windows, int threads,
          bool simd = true)
      : engine_(EngineOf(threads, simd)),
        config_(model.config()),
        sampler_(panel, Sampling(model, windows)),
        windows_(static_cast<size_t>(windows)),
        source_(panel, ShapeOf(config_, panel, 0, WindowUse::kTraining), config_.loss),
        runner_(model, engine_, windows),
        optimizer_(config_, engine_, model.graph().slab_size),
        parameters_(model.InitialParameters()),
        gradients_(parameters_.size()),
        moment1_(parameters_.size()),
        moment2_(parameters_.size()) {}

  // Returns its seconds.
  double Step() {
    const double start = Seconds();
    sampler_.Sample(step_, windows_);
    source_.Set(windows_);
    const auto out = runner_.Run(source_, parameters_.data(), step_, gradients_.data());
    optimizer_.Step(step_, 1e-4, out.grad_scale, gradients_.data(), parameters_.data(),
                    moment1_.data(), moment2_.data());
    ++step_;
    return Seconds() - start;
  }

 private:
  static EngineOptions EngineOf(int threads, bool simd) {
    EngineOptions o;
    o.num_threads = threads;
    o.simd_enabled = simd;
    return o;
  }
  static SamplerOptions Sampling(const NeuralModel& model, int64_t windows) {
    FitOptions options;
    options.train = model.config();
    options.train.windows_batch_size = windows;
    return SamplerOf(model, options);
  }

  Engine engine_;
  const ModelConfig& config_;
  WindowSampler sampler_;
  std::vector<Frame> windows_;
  WindowSource source_;
  StepRunner runner_;
  Optimizer optimizer_;
  std::vector<float> parameters_, gradients_, moment1_, moment2_;
  int64_t step_ = 0;
};

}  // namespace nf

#endif  // NF_BENCH_NATIVE_STEPPER_H_
