// One step: accumulated batches, and what the optimiser makes of a gradient.
#include <gtest/gtest.h>

#include "testing/fit_fixture.h"
#include "train/optimizer.h"

namespace nf {
namespace {

class Accumulation : public EveryModel {};

void ExpectNear(const std::vector<float>& expected, const std::vector<float>& got,
                double tolerance) {
  double scale = 0;
  for (float e : expected) scale = std::max(scale, static_cast<double>(std::abs(e)));
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(expected[i], got[i], tolerance * scale) << i;
  }
}

// Windows in two halves. Every horizon is observed, so each half weighs the same.
struct Halves {
  std::vector<Frame> all, first, second;
  Halves(const NeuralModel& model, const Panel& panel)
      : all(WindowsOf(panel, model.config().series())) {
    all.resize(all.size() / 2 * 2);
    const auto middle = all.begin() + std::ssize(all) / 2;
    first.assign(all.begin(), middle);
    second.assign(middle, all.end());
  }
};

// An op that couples rows, such as a batch norm, makes another thing of a half.
bool RowsStandAlone(const NeuralModel& model) {
  return Program(model.graph(), ScalarKernels(), Mode::kTrain).num_passes() == 1;
}

TEST_P(Accumulation, TwoHalvesMakeTheMeanOfTheBatch) {
  const Panel panel = ToyPanel();
  Engine engine({.num_threads = 2, .pool = {}});
  const auto model = TinyModel(entry(), {{"loss", "MSE"}});
  if (!RowsStandAlone(*model)) GTEST_SKIP() << "its rows are coupled";
  const Halves halves(*model, panel);
  const std::vector<float> parameters = model->InitialParameters();
  StepRunner runner(*model, engine, static_cast<int64_t>(halves.all.size()));
  std::vector<float> whole(parameters.size()), sum(parameters.size(), 0.0f);
  const double loss =
      runner.Run(FixedBatch(*model, panel, halves.all).source(), parameters.data(), 0, whole.data())
          .loss;
  double halves_loss = 0;
  for (const auto& windows : {halves.first, halves.second}) {
    const FixedBatch batch(*model, panel, windows);
    halves_loss += runner.RunAndAdd(batch.source(), parameters.data(), 0, sum.data()).loss / 2;
  }
  for (float& g : sum) g /= 2;
  EXPECT_NEAR(halves_loss, loss, 1e-6 * loss);
  ExpectNear(whole, sum, 1e-5);
}

// RMSE's factor differs by batch, so it is part of what is added.
TEST_P(Accumulation, EveryBatchBringsItsOwnFactorOfRmse) {
  const Panel panel = ToyPanel();
  Engine engine({.num_threads = 1, .pool = {}});
  const auto model = TinyModel(entry(), {{"loss", "RMSE"}});
  const Halves halves(*model, panel);
  const std::vector<float> parameters = model->InitialParameters();
  StepRunner runner(*model, engine, static_cast<int64_t>(halves.all.size()));
  std::vector<float> expected(parameters.size(), 0.0f), sum(parameters.size(), 0.0f);
  for (const auto& windows : {halves.first, halves.second}) {
    const FixedBatch batch(*model, panel, windows);
    std::vector<float> part(parameters.size());
    const auto out = runner.Run(batch.source(), parameters.data(), 0, part.data());
    EXPECT_NE(out.grad_scale, 1.0f);
    for (size_t i = 0; i < part.size(); ++i) expected[i] += out.grad_scale * part[i];
    runner.RunAndAdd(batch.source(), parameters.data(), 0, sum.data());
  }
  ExpectNear(expected, sum, 1e-5);
}

NF_FOR_EVERY_MODEL(Accumulation);

// A slab of several ranges, so that threads share it.
constexpr size_t kSlab = 50000;

double Norm(const std::vector<float>& values) {
  double squares = 0;
  for (float v : values) squares += static_cast<double>(v) * v;
  return std::sqrt(squares);
}

std::vector<float> GradientOfNorm(double norm) {
  std::vector<float> g(kSlab);
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (float& v : g) v = normal(random);
  const double scale = norm / Norm(g);
  for (float& v : g) v = static_cast<float>(scale * v);
  return g;
}

// What SGD at rate 1 takes off the parameters: the gradient it has seen.
std::vector<float> Seen(const TrainConfig& config, int threads, const std::vector<float>& gradient,
                        float grad_scale) {
  Engine engine({.num_threads = threads, .pool = {}});
  std::vector<float> p(kSlab, 0.0f), m(kSlab, 0.0f), v(kSlab, 0.0f);
  Optimizer optimizer(config, engine, kSlab);
  optimizer.Step(0, 1.0, grad_scale, gradient.data(), p.data(), m.data(), v.data());
  for (float& x : p) x = -x;
  return p;
}

TEST(Optimizer, ClipsTheNormOfTheScaledGradient) {
  TrainConfig config;
  config.optimizer = "sgd";
  config.gradient_clip_norm = 2.0;
  const std::vector<float> gradient = GradientOfNorm(6.0);
  EXPECT_NEAR(Norm(Seen(config, 1, gradient, 1.0f)), 2.0, 1e-5);
  EXPECT_NEAR(Norm(Seen(config, 1, gradient, 0.5f)), 2.0, 1e-5);
  ExpectNear(GradientOfNorm(2.0), Seen(config, 1, gradient, 1.0f), 1e-5);  // the direction stays
  EXPECT_NEAR(Norm(Seen(config, 1, gradient, 0.25f)), 1.5, 1e-5);          // below the bound
  config.gradient_clip_norm = 0.0;
  EXPECT_EQ(Seen(config, 1, gradient, 1.0f), gradient);
}

TEST(Optimizer, AnyThreadsGiveTheSameBits) {
  for (const std::string& optimizer : kOptimizers) {
    TrainConfig config;
    config.optimizer = optimizer;
    config.gradient_clip_norm = 0.1;
    const std::vector<float> gradient = GradientOfNorm(3.0);
    EXPECT_EQ(Seen(config, 7, gradient, 1.0f), Seen(config, 1, gradient, 1.0f)) << optimizer;
  }
}

}  // namespace
}  // namespace nf
