// The training step as fit() runs it, over shards and threads, against the real NeuralForecast:
// gradients of every model, and ten steps of Adam under its StepLR.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/batch_source.h"
#include "models/registry.h"
#include "testing/golden_batch.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/step_runner.h"

namespace nf {
namespace {

// The golden windows, several times over: the same loss and gradients, but enough rows for whole
// shards, a part of one, and work for every thread.
class RepeatedBatch final : public BatchSource {
 public:
  explicit RepeatedBatch(const GoldenBatch& batch) : batch_(batch) {}
  int64_t rows() const override { return kTimes * batch_.rows; }
  double weight_sum() const override { return kTimes * batch_.weights; }
  void Fill(int64_t first, int64_t count, const BatchRows& to, double*) const override {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = (first + i) % batch_.rows;
      for (size_t k = 0; k < batch_.inputs.size(); ++k) {
        if (to.inputs[k] != nullptr) CopyRow(batch_.inputs[k], row, to.inputs[k], i);
      }
    }
  }

 private:
  static constexpr int64_t kTimes = 11;

  void CopyRow(const std::vector<float>& from, int64_t row, float* to, int64_t to_row) const {
    const int64_t size = static_cast<int64_t>(from.size()) / batch_.rows;
    std::copy_n(from.data() + row * size, size, to + to_row * size);
  }

  const GoldenBatch& batch_;
};

const EngineOptions kEngines[] = {
    {.num_threads = 1, .pool = {}},
    {.num_threads = 3, .low_memory = true, .pool = {}},
    {.num_threads = 2, .simd_enabled = false, .pool = {}},
};

std::string Label(const EngineOptions& o) {
  return std::to_string(o.num_threads) + " threads, simd " + std::to_string(o.simd_enabled);
}

class GoldenTraining : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTraining, LossAndGradients) {
  const GoldenFile file(GetParam());
  const auto model = CreateModel(file);
  const GoldenBatch batch = ReadBatch(file, model->config().loss);
  const RepeatedBatch source(batch);
  const std::vector<float> weights = model->ReadTensors("weights/", file.file());
  for (const EngineOptions& options : kEngines) {
    SCOPED_TRACE(Label(options));
    Engine engine(options);
    StepRunner runner(*model, engine, source.rows());
    std::vector<float> gradients(weights.size());
    const auto outcome = runner.Run(source, weights.data(), 0, gradients.data());
    for (float& g : gradients) g *= outcome.grad_scale;
    EXPECT_NEAR(outcome.loss, file.Scalar("loss"), 1e-5 * file.Scalar("loss"));
    ExpectGradients(file, model->graph(), gradients.data(), 1e-4);
  }
}

// Training draws what it drops.
bool Drops(const GoldenFile& file) {
  const auto model = CreateModel(file);
  const Json config = model->ConfigJson(), dropout = Json::Parse(FindModel(model->name()).dropout);
  return std::ranges::any_of(dropout.AsObject(), [&](const auto& member) {
    return config.At(member.first).AsNumber() > 0;
  });
}

std::vector<std::string> Trainable() {
  std::vector<std::string> stems = ModelStems();
  // Not those at given quantiles either, where a step draws its own.
  std::erase_if(stems, [](const std::string& stem) {
    const GoldenFile file(stem);
    return Drops(file) || file.Has("level");
  });
  return stems;
}

// Cases that hold ten steps.
std::vector<std::string> Steps() {
  std::vector<std::string> stems;
  for (const std::string& stem : ModelStems()) {
    if (GoldenFile(stem).Has("losses10")) stems.push_back(stem);
  }
  return stems;
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenTraining, ::testing::ValuesIn(Trainable()),
                         [](const auto& info) { return info.param; });

class GoldenSteps : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenSteps, TenStepsOfAdamUnderStepLr) {
  const GoldenFile file(GetParam());
  const auto model = CreateModel(file);
  const ModelConfig& config = model->config();
  const GoldenBatch batch = ReadBatch(file, config.loss);
  const RepeatedBatch source(batch);
  for (const EngineOptions& options : kEngines) {
    SCOPED_TRACE(Label(options));
    Engine engine(options);
    StepRunner runner(*model, engine, source.rows());
    const Schedule schedule(config, config.max_steps);
    std::vector<float> p = model->ReadTensors("weights/", file.file());
    std::vector<float> gradients(p.size()), m(p.size()), v(p.size());
    Optimizer optimizer(config, engine, static_cast<int64_t>(p.size()));
    std::vector<double> losses;
    for (int64_t t = 0; t < config.max_steps; ++t) {
      const auto outcome = runner.Run(source, p.data(), t, gradients.data());
      losses.push_back(outcome.loss);
      optimizer.Step(t, schedule.Rate(t), outcome.grad_scale, gradients.data(), p.data(), m.data(),
                     v.data());
    }
    EXPECT_TRUE(Close(file.Doubles("losses10"), losses, 1e-5));
    ExpectTrained(file, model->graph(), p.data(), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenSteps, ::testing::ValuesIn(Steps()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace nf
