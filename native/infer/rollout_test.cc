// Forecasts that are sampled path by path (engine/rollout.h).
#include <chrono>
#include <cmath>
#include <numeric>
#include <thread>

#include "engine/forecast_rows.h"
#include "graph/graph.h"
#include "heads/distribution.h"
#include "infer/predictor.h"
#include "testing/predictor_fixture.h"

namespace nf {
namespace {

using Options = Json::Object;

Json Distribution(const char* name) {
  return Json::Object{{"name", "DistributionLoss"}, {"distribution", name}};
}

std::unique_ptr<NeuralModel> DeepAr(const Options& options = {}) {
  Json config(Options{{"horizon", 5},
                      {"inputSize", 11},
                      {"lstmHiddenSize", 8},
                      {"trajectorySamples", 40},
                      {"scalerType", "standard"}});
  auto model = NeuralModel::Create("DeepAR", Overlay(config, options), 1, "DeepAR");
  model->SetWeights(model->InitialParameters());
  return model;
}

// One LSTM unit that lets its input through, and a mean that is the last value: a random walk whose
// steps deviate by 0.2.
std::unique_ptr<NeuralModel> RandomWalk(int64_t horizon, int64_t paths) {
  auto model = DeepAr({{"horizon", horizon},
                       {"lstmNLayers", 1},
                       {"lstmHiddenSize", 1},
                       {"trajectorySamples", paths},
                       {"scalerType", "identity"},
                       {"loss", Distribution("Normal")}});
  std::vector<float> slab(model->weights()->size(), 0.0f);
  const auto set = [&](const std::string& name, std::vector<float> values) {
    for (TensorId id : model->graph().stored) {
      const TensorInfo& info = model->graph().tensor(id);
      if (info.name == name) std::ranges::copy(values, slab.begin() + info.offset);
    }
  };
  constexpr float kSmall = 1e-3f, kOpen = 20, kShut = -20;  // gates i, f, g, o
  set("hist_encoder.weight_ih_l0", {0, 0, kSmall, 0});
  set("hist_encoder.bias_ih_l0", {kOpen, kShut, 0, kOpen});
  set("decoder.layers.0.weight", {1 / kSmall, 0});
  set("decoder.layers.0.bias", {0, -20});
  model->SetWeights(slab);
  return model;
}

std::vector<double> Windows(int64_t rows, int64_t lookback = 12) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal(5, 2);
  std::vector<double> windows(static_cast<size_t>(rows * lookback));
  for (double& value : windows) value = normal(random);
  return windows;
}

const std::vector<Output> kOutputs = {std::nullopt, 0.05, 0.5, 0.95};

// By column, [rows, horizon].
Columns Forecast(const NeuralModel& model, Engine& engine, const std::vector<double>& windows,
                 int64_t samples = 0, bool on_caller = false) {
  Predictor predictor(model, engine);
  const auto size = windows.size() / static_cast<size_t>(model.config().lookback()) *
                    static_cast<size_t>(model.config().horizon);
  Columns columns(kOutputs.size() + static_cast<size_t>(samples), std::vector<double>(size));
  const std::vector<std::span<double>> out(columns.begin(), columns.end());
  predictor.PredictWindows<double>(windows, LocalScalerType::kNone, out, JobControl{}, on_caller,
                                   {.outputs = kOutputs, .samples = samples});
  return columns;
}

double Mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}
double Covariance(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  const double mx = Mean(x), my = Mean(y);
  for (size_t i = 0; i < x.size(); ++i) sum += (x[i] - mx) * (y[i] - my);
  return sum / static_cast<double>(x.size());
}
double Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  return Covariance(x, y) / std::sqrt(Covariance(x, x) * Covariance(y, y));
}

// The samples behind the outputs, at place `at`.
std::vector<double> SamplesAt(const Columns& columns, size_t at) {
  std::vector<double> samples;
  for (size_t i = kOutputs.size(); i < columns.size(); ++i) samples.push_back(columns[i][at]);
  return samples;
}

class Rollouts : public ::testing::Test {
 protected:
  Engine engine_{{.num_threads = 2, .pool = {}}};
};

// Kolmogorov and Smirnov: a distance beyond 1.95 / sqrt(n) has a chance of one in a thousand.
TEST_F(Rollouts, TheFirstStepIsTheDistribution) {
  constexpr int64_t kSamples = 4000;
  for (const char* name : {"StudentT", "Normal"}) {
    SCOPED_TRACE(name);
    const auto model = DeepAr({{"loss", Distribution(name)}});
    const auto windows = Windows(1);
    std::vector<double> drawn = SamplesAt(Forecast(*model, engine_, windows, kSamples), 0);
    ForecastPlan plan(*model, engine_.kernels, engine_.pool);
    plan.Pack(model->weights()->data());
    ForecastSlot slot(plan, model->config(), model->head(), engine_.pool, 1);
    const RawRows<double> rows(windows, 1, 12, ScalerType::kStandard, LocalScalerType::kNone);
    const float* out = slot.Run(plan, rows, 1, 0, 1);
    const std::vector<double> raw(out, out + model->head().width());
    const Anchor anchor{slot.scales[0].loc, slot.scales[0].scale};
    const auto distribution = MakeDistribution(model->config().loss);
    const double mean = distribution->Mean(raw.data(), anchor);
    const double deviation = std::sqrt(Covariance(drawn, drawn));
    EXPECT_NEAR(Mean(drawn), mean, 4 * deviation / std::sqrt(kSamples));
    std::ranges::sort(drawn);
    double distance = 0;
    for (size_t i = 0; i < drawn.size(); ++i) {
      const double cdf = distribution->Cdf(raw.data(), anchor, drawn[i]);
      const auto n = static_cast<double>(kSamples), at = static_cast<double>(i);
      distance = std::max({distance, (at + 1) / n - cdf, cdf - at / n});
    }
    EXPECT_LT(distance, 1.95 / std::sqrt(kSamples));
  }
}

TEST_F(Rollouts, PathsAreJointOverTheSteps) {
  constexpr int64_t kHorizon = 16, kPaths = 4000;
  const auto model = RandomWalk(kHorizon, kPaths);
  const auto windows = Windows(1);
  const Columns columns = Forecast(*model, engine_, windows, kPaths);
  for (const size_t step : {1, 4, 9, 16}) {
    const auto x = SamplesAt(columns, step - 1);
    const double deviation = 0.2 * std::sqrt(static_cast<double>(step));
    EXPECT_NEAR(std::sqrt(Covariance(x, x)), deviation, 0.05 * deviation) << step;
    EXPECT_NEAR(columns[0][step - 1], windows.back(), 5 * deviation / std::sqrt(kPaths)) << step;
    EXPECT_NEAR(columns[3][step - 1] - columns[1][step - 1], 2 * 1.645 * deviation,
                0.1 * deviation * 2)
        << step;
    const double expected = std::sqrt(1.0 / static_cast<double>(step));
    EXPECT_NEAR(Correlation(SamplesAt(columns, 0), x), expected, 0.05) << step;
  }
}

// A bot that adds up series must not find that all of them rise and fall together.
TEST_F(Rollouts, RowsAreIndependent) {
  constexpr int64_t kPaths = 4000;
  const auto model = RandomWalk(3, kPaths);
  const Columns columns = Forecast(*model, engine_, Windows(3), kPaths);
  for (const size_t other : {1, 2}) {
    EXPECT_NEAR(Correlation(SamplesAt(columns, 2), SamplesAt(columns, 3 * other + 2)), 0, 0.06);
  }
}

TEST_F(Rollouts, ColumnsAreMeanAndQuantilesOfThePaths) {
  const auto model = DeepAr();
  const Columns columns = Forecast(*model, engine_, Windows(2), 40);
  for (size_t at = 0; at < columns[0].size(); ++at) {
    auto paths = SamplesAt(columns, at);
    EXPECT_NEAR(columns[0][at], Mean(paths), 1e-12 * std::abs(columns[0][at]));
    std::ranges::sort(paths);
    EXPECT_DOUBLE_EQ(columns[2][at], 0.5 * (paths[19] + paths[20]));
    EXPECT_DOUBLE_EQ(columns[1][at], std::lerp(paths[1], paths[2], 0.05 * 39 - 1));
    EXPECT_LE(columns[1][at], columns[3][at]);
  }
}

TEST_F(Rollouts, SamplesChangeNothingElseAndTheFirstOnesStay) {
  const auto model = DeepAr();
  const auto windows = Windows(3);
  const Columns few = Forecast(*model, engine_, windows, 3);
  const Columns many = Forecast(*model, engine_, windows, 170);  // more than trajectorySamples
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  const Columns none = Forecast(*model, engine_, windows);
  EXPECT_TRUE(std::equal(none.begin(), none.end(), many.begin()));
}

TEST_F(Rollouts, AreTheSameOnAnyThreadsAndInAnyBatch) {
  for (const char* loss : {"StudentT", "NegativeBinomial"}) {
    const auto model = DeepAr({{"loss", Distribution(loss)}});
    const auto windows = Windows(70);
    const Columns expected = Forecast(*model, engine_, windows, 2);
    for (const int threads : {1, 7}) {
      Engine engine({.num_threads = threads, .low_memory = threads == 7, .pool = {}});
      EXPECT_EQ(Forecast(*model, engine, windows, 2, threads == 1), expected) << threads;
    }
    for (const size_t row : {0, 1, 8, 63, 69}) {
      const auto begin = windows.begin() + static_cast<int64_t>(row) * 12;
      const Columns alone = Forecast(*model, engine_, {begin, begin + 12}, 2);
      for (size_t c = 0; c < alone.size(); ++c) {
        const auto at = expected[c].begin() + static_cast<int64_t>(row) * 5;
        EXPECT_EQ(alone[c], std::vector<double>(at, at + 5)) << row;
      }
    }
  }
}

TEST_F(Rollouts, AnotherSeedDrawsOtherPaths) {
  const auto model = DeepAr();
  const Json config = model->ConfigJson();
  const auto other = NeuralModel::Create("DeepAR", config, 2, "DeepAR");
  other->SetWeights(*model->weights());
  EXPECT_NE(Forecast(*model, engine_, Windows(1)), Forecast(*other, engine_, Windows(1)));
}

// Counts are whole numbers, also where they were fed back; everything that a panel has reaches
// them.
TEST_F(Rollouts, OfAPanelWithItsColumns) {
  for (const char* name : {"DeepAR", "LSTM", "GRU", "RNN"}) {
    SCOPED_TRACE(name);
    const bool deepar = std::string(name) == "DeepAR";
    Json config(Options{{"horizon", 4},
                        {"inputSize", 11},
                        {"scalerType", "robust"},
                        {"loss", Distribution("Poisson")},
                        {"futureExog", Json::Array{"fut"}},
                        {"staticExog", Json::Array{"stat"}}});
    if (!deepar) config.Set("recurrent", true);
    const auto model = NeuralModel::Create(name, config, 1, name);
    model->SetWeights(model->InitialParameters());
    Predictor predictor(*model, engine_);
    const Panel panel = ToyPanel();
    const auto predict = [&](int64_t horizon, double shift) {
      Columns columns(kOutputs.size() + 5, std::vector<double>(static_cast<size_t>(3 * horizon)));
      const std::vector<std::span<double>> out(columns.begin(), columns.end());
      const auto ahead = Ahead(panel, horizon, shift);
      const std::vector<std::span<const double>> known(ahead.begin(), ahead.end());
      predictor.PredictPanel(panel, known, horizon, LocalScalerType::kNone, out, JobControl{},
                             false, {.outputs = kOutputs, .samples = 5});
      return columns;
    };
    const Columns columns = predict(9, 0), shorter = predict(4, 0);
    for (size_t c = 0; c < columns.size(); ++c) ExpectBeginning(shorter[c], 4, columns[c], 9);
    for (size_t c = kOutputs.size(); c < columns.size(); ++c) {
      for (double value : columns[c]) EXPECT_EQ(value, std::round(value));
    }
    EXPECT_NE(predict(9, 5), columns);
  }
}

TEST_F(Rollouts, StopWithinAForecast) {
  const auto model = DeepAr({{"horizon", 20000}, {"trajectorySamples", 500}});
  Predictor predictor(*model, engine_);
  const auto windows = Windows(1);
  Columns columns(1, std::vector<double>(20000));
  const std::vector<std::span<double>> out(columns.begin(), columns.end());
  JobControl control;
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    control.cancelled = true;
  });
  const StopScope scope(&control.cancelled);
  ExpectError(ErrorCode::kAborted, "aborted", [&] {
    predictor.PredictWindows<double>(windows, LocalScalerType::kNone, out, control, true,
                                     {.outputs = {kOutputs.data(), 1}});
  });
  stopper.join();
}

TEST_F(Rollouts, WhatIsNotFiniteIsAnError) {
  const auto model = DeepAr();
  std::vector<float> weights = model->InitialParameters();
  for (float& w : weights) w = std::copysign(3e38f, w);
  model->SetWeights(weights);
  ExpectError(ErrorCode::kNonFinite, "DeepAR", [&] { Forecast(*model, engine_, Windows(2)); });
}

TEST(DeepAr, Options) {
  const auto refuse = [](ErrorCode code, const char* part, const Options& options) {
    ExpectError(code, part, [&] { DeepAr(options); });
  };
  refuse(ErrorCode::kOutOfRange, "decoderHiddenSize", {{"decoderHiddenLayers", 1}});
  refuse(ErrorCode::kOutOfRange, "trajectorySamples", {{"trajectorySamples", 0}});
  refuse(ErrorCode::kUnsupported, "historicExog", {{"historicExog", Json::Array{"a"}}});
  const Json weighted =
      Json::Object{{"name", "MAE"}, {"horizonWeight", Json::Array{1, 2, 3, 4, 5}}};
  refuse(ErrorCode::kOutOfRange, "hTrain", {{"loss", weighted}});
  DeepAr({{"loss", weighted}, {"hTrain", 5}});
  const auto model = DeepAr();
  EXPECT_EQ(model->config().loss.name, "DistributionLoss");
  EXPECT_EQ(model->OutputColumns(),
            (std::vector<std::string>{"DeepAR", "DeepAR-median", "DeepAR-lo-90", "DeepAR-lo-80",
                                      "DeepAR-hi-80", "DeepAR-hi-90"}));
  EXPECT_EQ(NeuralModel::Create("DeepAR", model->ConfigJson(), 1, "file")->ConfigJson().Dump(),
            model->ConfigJson().Dump());
}

}  // namespace
}  // namespace nf
