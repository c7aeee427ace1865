// Forecasts of every model of the registry: the same whatever the batch, the threads and the way
// in; under local scalers, while weights change.
#include "infer/predictor.h"

#include <limits>
#include <thread>

#include "testing/predictor_fixture.h"

namespace nf {
namespace {

class Prediction : public PredictorTest {};

class PredictionByWeights : public Prediction {};

template <class T>
std::vector<std::vector<T>> PredictWindows(Predictor& predictor, const NeuralModel& model,
                                           const std::vector<T>& windows, bool on_caller = false,
                                           LocalScalerType scaler = LocalScalerType::kNone) {
  const auto outputs = static_cast<size_t>(model.config().loss.outputs());
  const size_t rows = windows.size() / kLookback;
  std::vector<std::vector<T>> columns(outputs, std::vector<T>(rows * kHorizon, T{-1e30f}));
  const std::vector<std::span<T>> out(columns.begin(), columns.end());
  predictor.PredictWindows(std::span<const T>(windows), scaler, std::span<const std::span<T>>(out),
                           JobControl{}, on_caller);
  return columns;
}

TEST_P(Prediction, ARowIsTheSameInAnyBatchOnAnyThreads) {
  for (const char* scaler : {"identity", "robust"}) {
    const auto model = Fitted({{"scalerType", scaler}, {"loss", "MQLoss"}});
    const auto windows = RandomWindows<float>(201);
    Predictor predictor(*model, engine_);
    const auto expected = PredictWindows(predictor, *model, windows);
    for (int threads : {1, 2, 7}) {
      Engine engine({.num_threads = threads, .pool = {}});
      Predictor other(*model, engine);
      EXPECT_EQ(PredictWindows(other, *model, windows), expected) << threads;
      EXPECT_EQ(PredictWindows(other, *model, windows, true), expected) << threads;
    }
    const int64_t series = model->config().series();
    for (int64_t row : {0, 1, 7, 8, 63, 64, 200}) {
      const auto begin = windows.begin() + row * series * kLookback;
      const std::vector<float> one(begin, begin + series * kLookback);
      const auto got = PredictWindows(predictor, *model, one, row % 2 == 0);
      for (size_t q = 0; q < got.size(); ++q) {
        const auto at = expected[q].begin() + row * series * kHorizon;
        EXPECT_EQ(got[q], std::vector<float>(at, at + series * kHorizon)) << row;
      }
    }
  }
}

TEST_P(Prediction, NoRowsNoWork) {
  const auto model = Fitted();
  Predictor predictor(*model, engine_);
  EXPECT_TRUE(PredictWindows(predictor, *model, std::vector<double>{})[0].empty());
}

TEST_P(Prediction, AWindowIsTheEndOfASeries) {
  const auto model = Fitted({{"scalerType", "standard"}, {"loss", "MQLoss"}});
  std::vector<double> windows(3 * kLookback);
  for (int64_t s = 0; s < 3; ++s) {
    panel_.y.Read(panel_.offsets[static_cast<size_t>(s) + 1] - kLookback,
                  std::span(windows).subspan(static_cast<size_t>(s) * kLookback, kLookback));
  }
  Predictor predictor(*model, engine_);
  EXPECT_EQ(PredictPanel(predictor, *model, panel_, kHorizon),
            PredictWindows(predictor, *model, windows));
}

TEST_P(Prediction, LocalScalersAreFittedAndInverted) {
  const auto model = Fitted();
  Predictor predictor(*model, engine_);
  const auto windows = RandomWindows<double>(5);
  for (std::string_view name : LocalScalerNames()) {
    SCOPED_TRACE(std::string(name));
    const LocalScalerType type = ParseLocalScaler(name);
    Panel scaled = ToyPanel();
    const PanelScales scales = ScalePanel(type, scaled);
    Columns expected = PredictPanel(predictor, *model, scaled, kHorizon);
    for (size_t i = 0; i < expected[0].size(); ++i) {
      expected[0][i] = InvertLocal(type, scales.y[i / kHorizon], expected[0][i]);
    }
    EXPECT_EQ(PredictPanel(predictor, *model, panel_, kHorizon, type), expected);

    std::vector<double> by_window = windows, scratch(kLookback);
    std::vector<LocalScale> local;
    for (auto x = by_window.begin(); x != by_window.end(); x += kLookback) {
      local.push_back(FitLocal(type, &*x, nullptr, kLookback, scratch.data(), "window"));
      for (int64_t i = 0; i < kLookback; ++i) x[i] = ApplyLocal(type, local.back(), x[i]);
    }
    auto rows = PredictWindows(predictor, *model, by_window);
    for (size_t i = 0; i < rows[0].size(); ++i) {
      rows[0][i] = InvertLocal(type, local[i / kHorizon], rows[0][i]);
    }
    EXPECT_EQ(PredictWindows(predictor, *model, windows, false, type), rows);
  }
}

TEST_P(Prediction, BoxCoxNamesTheRowThatIsNotPositive) {
  const auto model = Fitted();
  Predictor predictor(*model, engine_);
  auto windows = RandomWindows<double>(5);
  windows[2 * kLookback + 3] = -1;
  ExpectError(ErrorCode::kOutOfRange, "row 2",
              [&] { PredictWindows(predictor, *model, windows, false, LocalScalerType::kBoxCox); });
}

TEST_P(PredictionByWeights, WhatIsNotFiniteIsAnError) {
  const auto model = Fitted();
  Predictor predictor(*model, engine_);
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    auto windows = RandomWindows<double>(40);
    windows[37 * kLookback + 5] = bad;
    ExpectError(ErrorCode::kNonFinite, "row 37",
                [&] { PredictWindows(predictor, *model, windows); });
    windows.resize(30 * kLookback);  // the predictor goes on
    EXPECT_TRUE(std::isfinite(PredictWindows(predictor, *model, windows)[0][0]));
  }
  std::vector<float> weights = model->InitialParameters();
  for (float& w : weights) w = std::copysign(3e38f, w);
  model->SetWeights(weights);
  ExpectError(ErrorCode::kNonFinite, model->alias(),
              [&] { PredictWindows(predictor, *model, RandomWindows<double>(3)); });
  ExpectError(ErrorCode::kNonFinite, model->alias(),
              [&] { PredictPanel(predictor, *model, panel_, kHorizon); });
}

TEST_P(Prediction, MaskedValuesAreNotLookedAt) {
  const auto model = Fitted({{"scalerType", "standard"}});
  Predictor predictor(*model, engine_);
  std::vector<Columns> forecasts;
  for (double garbage : {0.0, std::nan("")}) {
    Panel panel = ToyPanel();
    panel.mask.assign(static_cast<size_t>(panel.num_rows()), 1);
    for (int64_t i = 2; i < panel.num_rows(); i += 5) {
      panel.mask[static_cast<size_t>(i)] = 0;
      panel.y.Write(i, garbage);
    }
    forecasts.push_back(PredictPanel(predictor, *model, panel, 9));
  }
  EXPECT_EQ(forecasts[0], forecasts[1]);
  EXPECT_NE(forecasts[0], PredictPanel(predictor, *model, panel_, 9));
}

TEST_P(Prediction, ExogenousInputsReachTheForecast) {
  for (const Variant& variant : ExogenousLayouts(entry())) {
    SCOPED_TRACE(variant.label);
    const auto model = Fitted(variant.overrides);
    const ModelConfig& config = model->config();
    Predictor predictor(*model, engine_);
    auto predict = [&](const Panel& panel, double shift, int64_t horizon) {
      return PredictPanel(predictor, *model, panel, horizon, LocalScalerType::kNone, false,
                          Ahead(panel, predictor.known_steps(horizon), shift));
    };
    const Columns forecast = predict(panel_, 0, kHorizon);
    EXPECT_EQ(predict(panel_, 1, kHorizon) != forecast, !config.future_exog.empty());
    Panel changed = ToyPanel();
    for (int64_t i = 0; i < changed.num_rows(); ++i) {
      changed.historic[0].Write(i, 1 + changed.historic[0][i]);
    }
    EXPECT_EQ(predict(changed, 0, kHorizon) != forecast, !config.historic_exog.empty());
    changed = ToyPanel();
    for (float& value : changed.statics) value += 1;
    EXPECT_EQ(predict(changed, 0, kHorizon) != forecast, !config.static_exog.empty());

    ExpectError(ErrorCode::kUnsupported, "exogenous",
                [&] { PredictWindows(predictor, *model, RandomWindows<float>(1)); });
    ExpectBeginning(predict(panel_, 0, 3)[0], 3, forecast[0], kHorizon);
    if (!config.historic_exog.empty()) {
      ExpectError(ErrorCode::kUnsupported, "historicExog", [&] { predict(panel_, 0, 9); });
    } else {
      const Columns longer = predict(panel_, 0, 12);
      ExpectBeginning(forecast[0], kHorizon, longer[0], 12);
      ExpectBeginning(predict(panel_, 0, 11)[0], 11, longer[0], 12);
    }
  }
}

TEST_P(Prediction, NeedsWeightsAndStopsWhenCancelled) {
  const auto model = TinyModel(entry());
  Predictor predictor(*model, engine_);
  ExpectError(ErrorCode::kNotFitted, "fit()",
              [&] { PredictWindows(predictor, *model, RandomWindows<float>(1)); });
  model->SetWeights(model->InitialParameters());
  const auto windows = RandomWindows<double>(100);
  std::vector<double> out(windows.size() / kLookback * kHorizon);
  const std::span<double> column(out);
  JobControl control;
  control.cancelled = true;
  for (bool on_caller : {false, true}) {
    ExpectError(ErrorCode::kAborted, "aborted", [&] {
      predictor.PredictWindows<double>(windows, LocalScalerType::kNone, {&column, 1}, control,
                                       on_caller);
    });
  }
}

TEST_P(PredictionByWeights, NewWeightsCountFromTheNextCall) {
  const auto model = Fitted(), other = Fitted({}, 2);
  const auto windows = RandomWindows<float>(70);
  Predictor predictor(*model, engine_), reference(*other, engine_);
  const auto before = PredictWindows(predictor, *model, windows);
  const auto expected = PredictWindows(reference, *other, windows);
  model->SetWeights(*other->weights());
  EXPECT_EQ(PredictWindows(predictor, *model, windows), expected);
  EXPECT_NE(before, expected);
}

// Callers of every kind at once, while another thread changes the weights to and fro: each forecast
// is wholly of one or of the other.
TEST_P(Prediction, CallersAtOnceSeeOldOrNewWeights) {
  const auto model = Fitted(), other = Fitted({}, 2);
  const std::vector<float> weights[] = {*model->weights(), *other->weights()};
  const auto windows = RandomWindows<float>(40);
  Predictor predictor(*model, engine_);
  const auto first = PredictWindows(predictor, *model, windows);
  model->SetWeights(weights[1]);
  const auto second = PredictWindows(predictor, *model, windows);
  std::atomic<int> running{4}, wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 25; ++i) {
        const auto got = PredictWindows(predictor, *model, windows, caller % 2 == 0);
        if (got != first && got != second) ++wrong;
      }
      --running;
    });
  }
  for (int i = 0; running > 0; ++i) {
    model->SetWeights(weights[i % 2]);
    std::this_thread::yield();
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(Prediction, NothingIsPlannedAfterWarmup) {
  const auto model = Fitted();
  Predictor predictor(*model, engine_);
  const std::vector<int64_t> sizes = {1, 2, 3, 5, 8, 16, 20, 32, 64, 100, 1000};
  predictor.Warmup(sizes);
  const uint64_t planned = predictor.stats().plan_misses;
  EXPECT_GT(planned, 0u);
  uint64_t calls = 0;
  for (int64_t rows : sizes) {
    for (bool on_caller : {false, true}) {
      PredictWindows(predictor, *model, RandomWindows<float>(static_cast<size_t>(rows)), on_caller);
      ++calls;
    }
  }
  EXPECT_EQ(predictor.stats().plan_misses, planned);
  EXPECT_GE(predictor.stats().plan_hits, calls);
}

TEST_P(Prediction, WithoutAPoolNothingIsKept) {
  Engine engine({.num_threads = 1, .pool = {.enabled = false}});
  const auto model = Fitted();
  Predictor predictor(*model, engine), kept(*model, engine_);
  const auto windows = RandomWindows<float>(10);
  PredictWindows(predictor, *model, windows);
  const size_t in_use = engine.pool.stats().bytes_in_use;  // the packed weights
  EXPECT_EQ(PredictWindows(predictor, *model, windows), PredictWindows(kept, *model, windows));
  EXPECT_EQ(engine.pool.stats().bytes_in_use, in_use);
  EXPECT_EQ(predictor.stats().plan_misses, 2u);
}

NF_FOR_EVERY_MODEL(Prediction);
NF_FOR_LEARNING_MODELS(PredictionByWeights);

}  // namespace
}  // namespace nf
