// What every model's training depends on, and what it does not: the seed, but neither threads nor
// memory options; and weights survive a file.
#include "store/safetensors.h"
#include "testing/fit_fixture.h"

namespace nf {
namespace {

// More rows than a low-memory chunk, and no whole number of shards.
constexpr int64_t kRows = 301;

class ModelInvariants : public EveryModel {
 protected:
  std::vector<float> Fitted(const Json::Object& overrides, Engine& engine, uint64_t seed = 1) {
    Json::Object all = {{"maxSteps", 3}, {"windowsBatchSize", kRows}};
    all.insert(all.end(), overrides.begin(), overrides.end());
    const auto model = TinyModel(entry(), all, seed);
    return FittedWeights(*model, engine, panel_);
  }

  const Panel panel_ = ToyPanel();
};

class LearnedWeights : public ModelInvariants {};

TEST_P(LearnedWeights, SeedDecidesEverything) {
  Engine engine({.num_threads = 1, .pool = {}});
  const std::vector<float> weights = Fitted({}, engine);
  EXPECT_EQ(Fitted({}, engine), weights);
  EXPECT_NE(Fitted({}, engine, 2), weights);
}

TEST_P(ModelInvariants, ThreadsAndMemoryOptionsChangeNoBit) {
  Engine one({.num_threads = 1, .pool = {}});
  struct Other {
    const char* label;
    Engine engine;
  };
  Other others[] = {
      {"2 threads", Engine({.num_threads = 2, .pool = {}})},
      {"7 threads", Engine({.num_threads = 7, .pool = {}})},
      {"low memory", Engine({.num_threads = 1, .low_memory = true, .pool = {}})},
      {"low memory, 7 threads", Engine({.num_threads = 7, .low_memory = true, .pool = {}})},
      {"no pool", Engine({.num_threads = 1, .pool = {.enabled = false}})},
  };
  std::vector<Variant> variants = EveryOption(entry());
  for (const Variant& v : ExogenousLayouts(entry())) variants.push_back(v);
  for (const std::string& loss : LossesOf(entry())) variants.push_back({loss, {{"loss", loss}}});
  variants.push_back({"accumulateSteps", {{"accumulateSteps", 2}}});
  variants.push_back({"accumulateSteps, RMSE", {{"accumulateSteps", 2}, {"loss", "RMSE"}}});
  variants.push_back({"gradientClipNorm", {{"gradientClipNorm", 0.01}}});
  for (const Variant& variant : variants) {
    SCOPED_TRACE(variant.label);
    const std::vector<float> weights = Fitted(variant.overrides, one);
    for (Other& other : others) {
      EXPECT_EQ(Fitted(variant.overrides, other.engine), weights) << other.label;
    }
  }
}

// At a low rate: Adam makes whole steps of the rounding in a gradient that is zero (of a bias that
// a batch norm takes off again), and the running statistics follow such steps late.
TEST_P(ModelInvariants, ScalarKernelsComeClose) {
  Engine simd({.num_threads = 1, .pool = {}});
  Engine scalar({.num_threads = 1, .simd_enabled = false, .pool = {}});
  std::vector<float> forecasts[2];
  for (Engine* engine : {&simd, &scalar}) {
    const auto model = TinyModel(entry(), {{"maxSteps", 5}, {"learningRate", 1e-3}});
    FittedWeights(*model, *engine, panel_);
    forecasts[engine == &scalar] = Forecasts(*model, engine->kernels, panel_);
  }
  for (size_t i = 0; i < forecasts[0].size(); ++i) {
    ASSERT_NEAR(forecasts[0][i], forecasts[1][i], 1e-3 * std::abs(forecasts[0][i])) << i;
  }
}

TEST_P(ModelInvariants, WeightsSurviveAFile) {
  Engine engine({.num_threads = 1, .pool = {}});
  const auto model = TinyModel(entry(), {{"scalerType", "revin"}, {"loss", "MQLoss"}}, 5);
  const std::vector<float> weights = FittedWeights(*model, engine, panel_);
  SafetensorsFile file;
  model->AppendTensors("x/", weights, file.tensors);
  const std::vector<uint8_t> bytes = WriteSafetensors(file);
  // The configuration travels as JSON.
  const auto loaded = NeuralModel::Create(model->name(), Json::Parse(model->ConfigJson().Dump()),
                                          model->seed(), "file");
  loaded->SetWeights(loaded->ReadTensors("x/", ReadSafetensors(bytes)));
  EXPECT_EQ(*loaded->weights(), weights);
  EXPECT_EQ(loaded->ConfigJson(), model->ConfigJson());
  EXPECT_EQ(Forecasts(*loaded, BestKernels(), panel_), Forecasts(*model, BestKernels(), panel_));
}

NF_FOR_EVERY_MODEL(ModelInvariants);
NF_FOR_LEARNING_MODELS(LearnedWeights);

}  // namespace
}  // namespace nf
