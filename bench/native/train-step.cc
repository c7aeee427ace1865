// A whole training step (sample, gather, forward, loss, backward, update) of every model at its
// defaults: as many windows as it takes by itself, input 48, horizon 24. One and two threads and
// the scalar kernels, repetitions interleaved, medians; the FMA peak measured in the same run.
//   train-step [--json] [--rounds N] [--only TEXT]
//   train-step --serve: measures on request (step_server.h)
#include <cmath>
#include <cstdio>
#include <memory>
#include <string_view>

#include "models.h"
#include "probes.h"
#include "report.h"
#include "step_server.h"
#include "stepper.h"

namespace nf {
namespace {

// The scalar kernels take some thirty times as long: they are left out where a step takes longer.
constexpr double kLongStep = 0.3;

struct Figures {
  double seconds[2], scalar, peak[2];
};

Figures Measure(const NeuralModel& model, const Panel& panel, int rounds) {
  const int64_t windows = model.config().windows_batch_size;
  Stepper one(model, panel, windows, 1), two(model, panel, windows, 2);
  Stepper scalar(model, panel, windows, 1, false);
  Executor executors[2] = {Executor(1), Executor(2)};
  Stepper* steppers[2] = {&one, &two};
  std::vector<double> times[2], peaks[2], scalars;
  double step = 0;
  for (Stepper* s : steppers) step = s->Step();  // warm-up
  if (step > kLongStep) scalars = {kNoFigure};
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 2; ++i) {
      peaks[i].push_back(FmaPeak(executors[i], 2'000'000));
      times[i].push_back(steppers[i]->Step());
      times[i].push_back(steppers[i]->Step());
    }
    if (round < 3 && step <= kLongStep) scalars.push_back(scalar.Step());
  }
  return {
      {Median(times[0]), Median(times[1])}, Median(scalars), {Median(peaks[0]), Median(peaks[1])}};
}

void Report(const NeuralModel& model, const Panel& panel, const BenchOptions& options) {
  const std::string& name = model.name();
  const Figures f = Measure(model, panel, options.rounds);
  const double flops = static_cast<double>(FlopsOf(model, Mode::kTrain)) *
                       static_cast<double>(model.config().windows_batch_size);
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
      std::printf("%-14s %d thread%s %9.2f ms  %7.1f GFLOP/s  %5.1f%% of FMA peak", name.c_str(),
                  i + 1, i == 0 ? " " : "s", f.seconds[i] * 1e3, flops / f.seconds[i] * 1e-9,
                  share * 100);
      if (std::isfinite(row.ratio)) std::printf("  %6.1f x scalar", row.ratio);
      std::printf("\n");
    }
  }
  const Row scaling{
      "train-step", name + " 2 threads against 1", 2, f.seconds[0] / f.seconds[1], "x",
      "1 thread",   f.seconds[0] / f.seconds[1]};
  if (options.json) {
    PrintJson(scaling);
  } else {
    std::printf("%-14s two threads are %.2f x one\n", name.c_str(), scaling.value);
  }
}

int Main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--serve") return Serve();
  const BenchOptions options = ParseOptions("train-step", 9, argc, argv);
  const Panel panel = WavePanel();
  for (const auto& model : BenchedModels(options.only)) Report(*model, panel, options);
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
