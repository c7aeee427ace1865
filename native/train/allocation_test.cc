// After warm-up a training step takes nothing from the heap, for every model of the registry.
#include <gtest/gtest.h>

#include "data/sampler.h"
#include "testing/fit_fixture.h"
#include "testing/heap_counter.h"
#include "testing/start_threads.h"
#include "train/optimizer.h"
#include "train/schedule.h"

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

  // Small, but with dropout where there is any, exogenous inputs and several shards.
  std::vector<Variant> Variants() const {
    std::vector<Variant> variants = ExogenousLayouts(entry());
    for (const Variant& v : EveryOption(entry())) {
      if (v.label.starts_with("dropout") || v.label.starts_with("optimizer") ||
          v.label.starts_with("scalerType") || v.label == "defaults") {
        variants.push_back(v);
      }
    }
    variants.push_back({"clipped", {{"gradientClipNorm", 0.1}}});
    return variants;
  }

  const Panel panel_ = ToyPanel();
};

// Sampling, gradients and update as the trainer does them.
TEST_P(Allocation, NoneInAStep) {
  for (int threads : {1, 2, 7}) {
    Engine engine({.num_threads = threads, .pool = {}});
    StartThreads(engine);
    for (const Variant& variant : Variants()) {
      SCOPED_TRACE(variant.label + ", threads " + std::to_string(threads));
      const auto model = TinyModel(entry(), variant.overrides);
      const ModelConfig& config = model->config();
      SamplerOptions sampling;
      sampling.series = config.series();
      sampling.lookback = kLookback;
      sampling.horizon = kHorizon;
      sampling.batch_size = 2;
      sampling.windows_batch_size = 100;
      WindowSampler sampler(panel_, sampling);
      std::vector<Frame> windows(100);
      WindowSource source(panel_, ShapeOf(config, panel_, 0, WindowUse::kTraining), config.loss);
      StepRunner runner(*model, engine, 100);
      std::vector<float> p = model->InitialParameters(), g(p.size()), m(p.size()), v(p.size());
      Optimizer optimizer(config, engine, static_cast<int64_t>(p.size()));
      const Schedule schedule(config, 100);
      auto step = [&](int64_t t) {
        sampler.Sample(t, windows);
        source.Set(windows);
        const auto out = runner.Run(source, p.data(), t, g.data());
        optimizer.Step(t, schedule.Rate(t), out.grad_scale, g.data(), p.data(), m.data(), v.data());
      };
      for (int64_t t = 0; t < 5; ++t) step(t);
      int64_t t = 5;
      auto steps = [&] {
        for (const int64_t end = t + 20; t < end; ++t) step(t);
      };
      EXPECT_EQ(LeastHeapAllocations(steps), 0);
    }
  }
}

// A whole fit, with validation and progress: what it takes does not grow with its steps.
TEST_P(Allocation, FitTakesTheSameForAnyNumberOfSteps) {
  for (int threads : {1, 2, 7}) {
    SCOPED_TRACE("threads " + std::to_string(threads));
    Engine engine({.num_threads = threads, .pool = {}});
    StartThreads(engine);
    auto count = [&](int64_t steps) {
      const auto model = TinyModel(entry(), {{"maxSteps", steps}, {"accumulateSteps", 2}});
      const FitOptions options = OptionsOf(*model);
      return LeastHeapAllocations([&] {
        int64_t reports = 0;
        JobControl control;
        control.on_progress = [&](const Progress&) { ++reports; };
        Fit(*model, engine, panel_, options, control);
        EXPECT_EQ(reports, steps);
      });
    };
    count(20);
    const int64_t few = count(50);
    EXPECT_EQ(count(150), few);
  }
}

NF_FOR_EVERY_MODEL(Allocation);

}  // namespace
}  // namespace nf
