// A whole training step (sample, gather, forward, loss, backward, update) of the models at their
// defaults: 1024 windows, input 48, horizon 24. One and two threads and the scalar kernels,
// repetitions interleaved, medians; floating-point operations counted from the Program, the FMA
// peak measured in the same run.
//   train-step [--json] [--rounds N] [--only TEXT]
#include <functional>
#include <memory>

#include "report.h"
#include "train/optimizer.h"
#include "train/step_runner.h"

namespace nf {
namespace {

constexpr int64_t kWindows = 1024, kInput = 48, kHorizon = 24;

// 32 series of 2000 steps: a daily and a weekly wave with noise.
Panel MakePanel() {
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

// The trainer's step without its bookkeeping.
class Stepper {
 public:
  Stepper(const Model& model, const Panel& panel, int threads, bool simd)
      : engine_(EngineOf(threads, simd)),
        config_(model.config()),
        sampler_(panel, Sampler()),
        windows_(static_cast<size_t>(kWindows)),
        source_(panel, ShapeOf(model.config(), panel, 0), model.config().loss),
        runner_(model, engine_, kWindows),
        optimizer_(config_, engine_, model.graph().slab_size),
        parameters_(model.InitialParameters()),
        gradients_(parameters_.size()),
        moment1_(parameters_.size()),
        moment2_(parameters_.size()) {}

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
  static SamplerOptions Sampler() {
    SamplerOptions o;
    o.input_size = kInput;
    o.horizon = kHorizon;
    o.windows_batch_size = kWindows;
    return o;
  }

  Engine engine_;
  const ModelConfig& config_;
  WindowSampler sampler_;
  std::vector<Window> windows_;
  WindowSource source_;
  StepRunner runner_;
  Optimizer optimizer_;
  std::vector<float> parameters_, gradients_, moment1_, moment2_;
  int64_t step_ = 0;
};

// Operations a second of register-only FMAs on `threads` threads.
double FmaPeak(Executor& executor) {
  constexpr size_t kIterations = 2'000'000;
  std::vector<double> done(static_cast<size_t>(executor.num_threads()));
  const double start = Seconds();
  executor.ParallelFor(executor.num_threads(), [&](int64_t i, int) {
    done[static_cast<size_t>(i)] = BestKernels().gemm.fma_probe(kIterations);
  });
  const double seconds = Seconds() - start;
  double total = 0;
  for (double d : done) total += d;
  return total / seconds;
}

struct Figures {
  double seconds[2], scalar, peak[2];
};

Figures Measure(const Model& model, const Panel& panel, int rounds) {
  Stepper one(model, panel, 1, true), two(model, panel, 2, true), scalar(model, panel, 1, false);
  Executor executors[2] = {Executor(1), Executor(2)};
  Stepper* steppers[2] = {&one, &two};
  std::vector<double> times[2], peaks[2], scalars;
  for (Stepper* s : steppers) s->Step();  // warm-up
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 2; ++i) {
      peaks[i].push_back(FmaPeak(executors[i]));
      times[i].push_back(steppers[i]->Step());
      times[i].push_back(steppers[i]->Step());
    }
    if (round < 3) scalars.push_back(scalar.Step());
  }
  return {
      {Median(times[0]), Median(times[1])}, Median(scalars), {Median(peaks[0]), Median(peaks[1])}};
}

void Report(const std::string& name, const Model& model, const Panel& panel,
            const BenchOptions& options) {
  const Figures f = Measure(model, panel, options.rounds);
  const double flops = static_cast<double>(model.graph().TrainFlops()) * kWindows;
  for (int i = 0; i < 2; ++i) {
    const double share = flops / f.seconds[i] / f.peak[i];
    const Row row{"train-step",
                  name,
                  i + 1,
                  f.seconds[i] * 1e3,
                  "ms",
                  "scalar kernels",
                  f.scalar / f.seconds[i],
                  share};
    if (options.json) {
      PrintJson(row);
    } else {
      std::printf(
          "%-10s %d thread%s %9.2f ms  %7.1f GFLOP/s  %5.1f%% of FMA peak  %6.1f x scalar\n",
          name.c_str(), i + 1, i == 0 ? " " : "s", f.seconds[i] * 1e3, flops / f.seconds[i] * 1e-9,
          share * 100, row.ratio);
    }
  }
  const Row scaling{
      "train-step", name + " 2 threads against 1", 2, f.seconds[0] / f.seconds[1], "x",
      "1 thread",   f.seconds[0] / f.seconds[1]};
  if (options.json) {
    PrintJson(scaling);
  } else {
    std::printf("%-10s two threads are %.2f x one\n", name.c_str(), scaling.value);
  }
}

int Main(int argc, char** argv) {
  const BenchOptions options = ParseOptions("train-step", 9, argc, argv);
  const Panel panel = MakePanel();
  Json config;
  config.Set("horizon", kHorizon);
  config.Set("inputSize", kInput);
  for (const char* name : {"NHITS", "NBEATS", "MLP", "DLinear", "NLinear"}) {
    if (std::string(name).find(options.only) == std::string::npos) continue;
    const auto model = Model::Create(name, config, 1, name);
    Report(name, *model, panel, options);
  }
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
