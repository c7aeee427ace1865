// Forecasts from raw windows as predictBatchSync makes them, without the JavaScript around it:
// every model at its defaults (input 48, horizon 24), 1, 32 and 1024 rows, on the calling thread.
// One row is matrix times vector, so it cannot be faster than reading the weights once: that time
// is measured in the same run, turn about.
//   predict-native [--json] [--rounds N] [--only TEXT]
// `npm run bench -- predict` sets these figures beside those of JavaScript.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "graph/graph.h"
#include "infer/predictor.h"
#include "models.h"
#include "probes.h"
#include "report.h"

namespace nf {
namespace {

constexpr double kBlockSeconds = 0.02;  // of calls before the turn changes

// Appends the seconds of each call of fn, in groups long enough for the clock, without the first
// group: it finds the caches as the other side left them.
template <class Fn>
void TimeBlock(Fn&& fn, std::vector<double>& seconds) {
  const double first = Seconds();
  fn();
  const int group = std::max(1, static_cast<int>(2e-5 / (Seconds() - first)));
  const double begin = Seconds();
  for (double now = begin; now - begin < kBlockSeconds;) {
    for (int i = 0; i < group; ++i) fn();
    const double end = Seconds();
    seconds.push_back((end - now) / group);
    now = end;
  }
}

void Print(const BenchOptions& options, const Row& row) {
  if (options.json) {
    PrintJson(row);
    return;
  }
  std::printf("%-28s %12.2f %s", row.name.c_str(), row.value, row.unit.c_str());
  if (std::isfinite(row.peak_share)) std::printf("   %4.1f%% of FMA peak", row.peak_share * 100);
  if (std::isfinite(row.ratio)) {
    std::printf("   %.2f x the time of %s", 1 / row.ratio, row.peer.c_str());
  }
  std::printf("\n");
}

void Measure(const NeuralModel& model, int64_t rows, const BenchOptions& options) {
  Engine engine(EngineOptions{.num_threads = 1, .pool = {}});
  Predictor predictor(model, engine);
  const int64_t count = rows * model.config().series();
  std::vector<float> windows(static_cast<size_t>(count * kInput)),
      out(static_cast<size_t>(count * kHorizon));
  for (size_t i = 0; i < windows.size(); ++i) windows[i] = std::sin(static_cast<float>(i) * 0.26f);
  const std::span<float> outs[] = {out};
  const JobControl control;
  auto predict = [&] {
    predictor.PredictWindows<float>(windows, LocalScalerType::kNone, outs, control, true);
  };
  WeightReader reader(model.num_parameters());
  Executor executor(1);
  std::vector<double> predicts, reads, peaks;
  for (int round = 0; round < options.rounds; ++round) {
    TimeBlock(predict, predicts);
    if (rows == 1) TimeBlock([&] { reader.Read(); }, reads);
    peaks.push_back(FmaPeak(executor, 500'000));
  }
  const std::string name =
      model.name() + " " + std::to_string(rows) + (rows == 1 ? " row" : " rows");
  const double seconds = Median(predicts);
  Row row{"predict-native", name, 1, seconds * 1e6, "us", ""};
  row.peak_share =
      static_cast<double>(FlopsOf(model, Mode::kInfer) * rows) / seconds / Median(peaks);
  if (rows == 1) {
    const double read = Median(reads);
    Print(options,
          {"predict-native", model.name() + " reading its weights", 1, read * 1e6, "us", ""});
    row.peer = "reading its weights once";
    row.ratio = read / seconds;
  }
  Print(options, row);
}

int Main(int argc, char** argv) {
  const BenchOptions options = ParseOptions("predict-native", 15, argc, argv);
  for (const auto& model : BenchedModels(options.only)) {
    model->SetWeights(model->InitialParameters());
    for (const int64_t rows : {1, 32, 1024}) Measure(*model, rows, options);
  }
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
