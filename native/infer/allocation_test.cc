// After warm-up a batch prediction takes nothing from the heap, for every model of the registry.
#include <algorithm>

#include "infer/predictor.h"
#include "testing/heap_counter.h"
#include "testing/start_threads.h"
#include "testing/tiny_models.h"

namespace nf {
namespace {

class Allocation : public EveryModel {
 protected:
  void SetUp() override {
    if (!NF_COUNTS_HEAP) GTEST_SKIP() << "no counter here";
    const int64_t before = HeapAllocations();
    std::vector<char> one(100);
    ASSERT_GT(HeapAllocations(), before);  // the counter counts
  }
};

// Of `count` windows; asked of a distribution.
template <class T>
void ExpectNone(Predictor& predictor, size_t count, LocalScalerType scaler, bool on_caller,
                const Asked& asked = {}) {
  std::vector<T> windows(count * kLookback);
  for (size_t i = 0; i < windows.size(); ++i) windows[i] = static_cast<T>(1 + i * 7 % 13);
  std::vector<std::vector<T>> out(static_cast<size_t>(std::max<int64_t>(asked.size(), 1)),
                                  std::vector<T>(count * kHorizon));
  const std::vector<std::span<T>> columns(out.begin(), out.end());
  const JobControl control;
  auto predict = [&] {
    predictor.PredictWindows<T>(windows, scaler, columns, control, on_caller, asked);
  };
  for (int i = 0; i < 3; ++i) predict();
  auto calls = [&] {
    for (int i = 0; i < 10; ++i) predict();
  };
  EXPECT_EQ(LeastHeapAllocations(calls), 0) << count << " windows, on_caller " << on_caller;
}

TEST_P(Allocation, NoneInABatchPrediction) {
  for (int threads : {1, 2, 7}) {
    SCOPED_TRACE("threads " + std::to_string(threads));
    Engine engine({.num_threads = threads, .pool = {}});
    StartThreads(engine);
    for (const char* scaler : {"identity", "robust"}) {
      const auto model = TinyModel(entry(), {{"scalerType", scaler}});
      model->SetWeights(model->InitialParameters());
      Predictor predictor(*model, engine);
      for (size_t rows : {1, 32, 1024}) {
        const size_t count = rows * static_cast<size_t>(model->config().series());
        for (bool on_caller : {false, true}) {
          ExpectNone<float>(predictor, count, LocalScalerType::kNone, on_caller);
          ExpectNone<double>(predictor, count, LocalScalerType::kNone, on_caller);
        }
      }
    }
  }
}

TEST_P(Allocation, NoneUnderLocalScalers) {
  Engine engine({.num_threads = 2, .pool = {}});
  StartThreads(engine);
  const auto model = TinyModel(entry());
  model->SetWeights(model->InitialParameters());
  Predictor predictor(*model, engine);
  for (std::string_view name : LocalScalerNames()) {
    SCOPED_TRACE(std::string(name));
    for (bool on_caller : {false, true}) {
      ExpectNone<float>(predictor, 33, ParseLocalScaler(name), on_caller);
    }
  }
}

// Of every step or, where forecasts are fed back, of whole paths.
TEST_P(Allocation, NoneInASampledForecast) {
  Engine engine({.num_threads = 2, .pool = {}});
  StartThreads(engine);
  const Output outputs[] = {std::nullopt, 0.1, 0.9};
  const Asked asked = {.outputs = outputs, .samples = 5};
  for (const char* loss : {"DistributionLoss", "GMM"}) {
    SCOPED_TRACE(loss);
    const auto model = TinyModel(entry(), {{"loss", Json::Object{{"name", loss}}}});
    model->SetWeights(model->InitialParameters());
    Predictor predictor(*model, engine);
    const size_t count = 33 * static_cast<size_t>(model->config().series());
    for (bool on_caller : {false, true}) {
      ExpectNone<float>(predictor, count, LocalScalerType::kNone, on_caller, asked);
    }
  }
}

NF_FOR_EVERY_MODEL(Allocation);

}  // namespace
}  // namespace nf
