// Forecasts from raw windows as predictBatchSync makes them, without the JavaScript around it: the
// five models at their defaults (input 48, horizon 24), 1, 32 and 1024 rows, on the calling thread.
// One row is matrix times vector, so it cannot be faster than reading the weights once: that time
// is measured in the same run, turn about.
//   predict-native [--json] [--rounds N] [--only TEXT]
// `npm run bench -- predict` sets these figures beside those of JavaScript.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/engine.h"
#include "graph/graph.h"
#include "infer/predictor.h"
#include "models/model.h"
#include "report.h"

namespace nf {
namespace {

constexpr int64_t kInput = 48, kHorizon = 24;
constexpr double kBlockSeconds = 0.02;  // of calls before the turn changes

// The compiler's own vector code, for whatever the CPU has: whole-number sums may be reordered.
// Many sums at once, so that nothing but the loads takes time.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default"), noinline))
#endif
uint32_t
ReadAll(const uint32_t* words, size_t count) {
  constexpr size_t kSums = 64;
  uint32_t sums[kSums] = {};
  size_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (size_t j = 0; j < kSums; ++j) sums[j] += words[i + j];
  }
  uint32_t sum = 0;
  for (; i < count; ++i) sum += words[i];
  for (const uint32_t part : sums) sum += part;
  return sum;
}

// A buffer as large as a model's weights; between reads it lies in the caches where they left it.
class WeightReader {
 public:
  explicit WeightReader(int64_t parameters) : words_(static_cast<size_t>(parameters), 1u) {}
  void Read() { sink_ = sink_ + ReadAll(words_.data(), words_.size()); }

 private:
  std::vector<uint32_t> words_;
  volatile uint32_t sink_ = 0;
};

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

// Operations a second of register-only FMAs.
double FmaPeak() {
  const double begin = Seconds();
  const double operations = BestKernels().gemm.fma_probe(500'000);
  return operations / (Seconds() - begin);
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

void Measure(const Model& model, int64_t rows, const BenchOptions& options) {
  Engine engine(EngineOptions{.num_threads = 1, .pool = {}});
  Predictor predictor(model, engine);
  std::vector<float> windows(static_cast<size_t>(rows * kInput)),
      out(static_cast<size_t>(rows * kHorizon));
  for (size_t i = 0; i < windows.size(); ++i) windows[i] = std::sin(static_cast<float>(i) * 0.26f);
  const std::span<float> outs[] = {out};
  const JobControl control;
  auto predict = [&] {
    predictor.PredictWindows<float>(windows, LocalScalerType::kNone, outs, control, true);
  };
  WeightReader reader(model.num_parameters());
  std::vector<double> predicts, reads, peaks;
  for (int round = 0; round < options.rounds; ++round) {
    TimeBlock(predict, predicts);
    if (rows == 1) TimeBlock([&] { reader.Read(); }, reads);
    peaks.push_back(FmaPeak());
  }
  const std::string name =
      model.name() + " " + std::to_string(rows) + (rows == 1 ? " row" : " rows");
  const double seconds = Median(predicts);
  Row row{"predict-native", name, 1, seconds * 1e6, "us", ""};
  row.peak_share =
      static_cast<double>(model.graph().ForwardFlops() * rows) / seconds / Median(peaks);
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
  Json config;
  config.Set("horizon", kHorizon);
  config.Set("inputSize", kInput);
  for (const char* name : {"NHITS", "NBEATS", "MLP", "DLinear", "NLinear"}) {
    if (std::string(name).find(options.only) == std::string::npos) continue;
    const auto model = Model::Create(name, config, 1, name);
    model->SetWeights(model->InitialParameters());
    for (const int64_t rows : {1, 32, 1024}) Measure(*model, rows, options);
  }
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
