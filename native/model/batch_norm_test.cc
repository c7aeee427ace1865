// A model with batch norm, which no registry has: its training, its running statistics, its files.
#include "nn/batch_norm.h"

#include <cstdio>
#include <functional>

#include "graph/graph.h"
#include "model/bundle.h"
#include "nn/linear.h"
#include "store/safetensors.h"
#include "testing/fit_fixture.h"
#include "testing/predictor_fixture.h"

namespace nf {
namespace {

// y, as one channel, and the hidden layer are normalised.
Tensor Build(Recorder& g, const ModelConfig&, const ModelInputs& in) {
  Tensor x = BatchNorm(g, g.Reshape(in.insample_y, {in.steps, 1}), "first");
  x = LinearLayer(g, g.Reshape(x, {in.steps}), 8, Activation::kTanh, "hidden");
  x = BatchNorm(g, x, "second");
  return LinearLayer(g, x, in.horizon * in.outputs, Activation::kNone, "out");
}

const ModelEntry kNormed = {.name = "Normed",
                            .doc = "A network with batch norm.",
                            .paper = "none",
                            .make_config = MakeConfig<ModelConfig>,
                            .build = Build};

std::unique_ptr<NeuralModel> Normed(const Json::Object& overrides = {}) {
  return NeuralModel::Create(kNormed, kNormed.name, TinyConfig(kNormed, overrides), 1, "Normed");
}

std::vector<float> Stored(const NeuralModel& model, const std::string& name,
                          const std::vector<float>& slab) {
  const Graph& graph = model.graph();
  for (TensorId id : graph.stored) {
    const TensorInfo& info = graph.tensor(id);
    if (info.name == name)
      return {slab.begin() + info.offset, slab.begin() + info.offset + info.size};
  }
  ADD_FAILURE() << name << " is not stored";
  return {};
}

Columns Forecast(Model& model, const Panel& panel) {
  Columns columns(1, std::vector<double>(static_cast<size_t>(panel.num_series() * kHorizon)));
  PanelForecast ask;
  ask.panel = &panel;
  ask.horizon = kHorizon;
  ask.out = {columns.begin(), columns.end()};
  model.Forecast(ask, JobControl{});
  return columns;
}

TEST(BatchNormModel, LearnsWithTheSameBitsOnAnyThreadsAndWithLowMemory) {
  const Panel panel = ToyPanel();
  for (int64_t batches : {1, 2}) {
    std::vector<float> expected;
    for (int threads : {1, 2, 7}) {
      for (bool low_memory : {false, true}) {
        Engine engine({.num_threads = threads, .low_memory = low_memory, .pool = {}});
        const auto model = Normed({{"windowsBatchSize", 150},
                                   {"accumulateSteps", batches},
                                   {"maxSteps", 60},
                                   {"learningRate", 0.01}});
        const double before = LossOver(*model, engine, panel, model->InitialParameters());
        const std::vector<float> weights = FittedWeights(*model, engine, panel);
        if (expected.empty()) expected = weights;
        EXPECT_EQ(weights, expected) << threads << " threads";
        EXPECT_LT(LossOver(*model, engine, panel, weights), 0.5 * before);
      }
    }
  }
}

TEST(BatchNormModel, RunningStatisticsMoveByATenthOfTheBatch) {
  const Panel panel = ToyPanel();
  Engine engine({.num_threads = 2, .pool = {}});
  const auto model = Normed();
  std::vector<float> slab = model->InitialParameters(), gradients(slab.size());
  const std::vector<float> fresh = slab;
  const std::vector<Frame> windows = WindowsOf(panel);
  const FixedBatch batch(*model, panel, windows);
  StepRunner runner(*model, engine, batch.source().rows());
  runner.Run(batch.source(), slab.data(), 0, gradients.data());
  EXPECT_EQ(slab, fresh);
  runner.UpdateStates(slab.data());
  double sum = 0, squares = 0, count = 0;
  for (const Frame& w : windows) {
    for (int64_t t = w.cut - kLookback; t < w.cut; ++t) {
      const double y = panel.y[panel.offsets[static_cast<size_t>(w.series)] + t];
      sum += y, squares += y * y, ++count;
    }
  }
  const double mean = sum / count, variance = (squares - sum * mean) / (count - 1);
  EXPECT_NEAR(Stored(*model, "first.running_mean", slab)[0], 0.1 * mean, 1e-6);
  EXPECT_NEAR(Stored(*model, "first.running_var", slab)[0], 0.9 + 0.1 * variance, 1e-6);
  const auto trained = static_cast<size_t>(model->graph().trained_size);
  EXPECT_TRUE(
      std::equal(slab.begin(), slab.begin() + static_cast<ptrdiff_t>(trained), fresh.begin()));
  EXPECT_EQ(model->num_parameters(), 2 + (kLookback + 1) * 8 + 16 + 9 * kHorizon);
}

// With validation, whose best weights are what is kept.
TEST(BatchNormModel, AResumedTrainingEndsWithTheSameBits) {
  const Panel panel = ToyPanel();
  Engine engine({.num_threads = 2, .pool = {}});
  const std::string path =
      testing::TempDir() + "batch_norm_test." + std::to_string(std::random_device()());
  const auto fit = [&](int64_t steps, const std::string& checkpoint) {
    const auto model = Normed({{"maxSteps", steps}, {"valCheckSteps", 5}, {"optimizer", "adamw"}});
    FitOptions options = OptionsOf(*model);
    options.validation_size = kHorizon;
    options.checkpoint_path = checkpoint;
    options.resume = !checkpoint.empty();
    Fit(*model, engine, panel, options, JobControl{});
    return *model->weights();
  };
  fit(10, path);
  EXPECT_EQ(fit(20, path), fit(20, ""));
  std::remove(path.c_str());
}

TEST(BatchNormModel, AFileHoldsItsStatistics) {
  const Panel panel = ToyPanel();
  Engine engine({.num_threads = 2, .pool = {}});
  auto fitted = Normed();
  FittedWeights(*fitted, engine, panel);
  EXPECT_NE(Stored(*fitted, "second.running_mean", *fitted->weights()),
            std::vector<float>(8, 0.0f));
  const auto model = MakeNeural(engine, std::move(fitted));
  const Model* const models[] = {model.get()};
  const std::vector<uint8_t> bytes = EncodeBundle("{}", models, nullptr);
  SafetensorsFile file = ReadSafetensors(bytes);
  const auto again = MakeNeural(engine, Normed());
  EXPECT_EQ(again->Read("models.0.", file), file.tensors.size());
  EXPECT_EQ(Forecast(*again, panel), Forecast(*model, panel));
  std::erase_if(file.tensors, [](const TensorView& tensor) {
    return tensor.name == "models.0.second.running_var";
  });
  const auto damaged = MakeNeural(engine, Normed());
  ExpectError(ErrorCode::kCorruptModel, "second.running_var",
              [&] { damaged->Read("models.0.", file); });
}

}  // namespace
}  // namespace nf
