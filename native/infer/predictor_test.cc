// Forecasts of every model of the registry: the same whatever the batch, the threads and the way
// in; beyond the trained horizon, under local scalers, while weights change.
#include "infer/predictor.h"

#include <functional>
#include <limits>
#include <thread>

#include "infer/bundle.h"
#include "models/tiny_models.h"

namespace nf {
namespace {

using Columns = std::vector<std::vector<double>>;  // by output

class Prediction : public EveryModel {
 protected:
  // With weights that need no training.
  std::unique_ptr<Model> Fitted(const Json::Object& overrides = {}, uint64_t seed = 1) const {
    auto model = TinyModel(entry(), overrides, seed);
    model->SetWeights(model->InitialParameters());
    return model;
  }

  const Panel panel_ = ToyPanel();
  Engine engine_{{.num_threads = 2, .pool = {}}};
};

class PredictionByWeights : public Prediction {};

Columns PredictPanel(Predictor& predictor, const Model& model, const Panel& panel, int64_t horizon,
                     LocalScalerType scaler = LocalScalerType::kNone, bool on_caller = false,
                     const std::vector<std::vector<double>>& ahead = {}) {
  const auto outputs = static_cast<size_t>(model.config().loss.outputs());
  Columns columns(outputs,
                  std::vector<double>(static_cast<size_t>(panel.num_series() * horizon), -1e300));
  const std::vector<std::span<double>> out(columns.begin(), columns.end());
  const std::vector<std::span<const double>> known(ahead.begin(), ahead.end());
  predictor.PredictPanel(panel, known, horizon, scaler, out, JobControl{}, on_caller);
  return columns;
}

template <class T>
std::vector<std::vector<T>> PredictWindows(Predictor& predictor, const Model& model,
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

template <class T>
std::vector<T> RandomWindows(size_t rows, uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<T> uniform(1, 9);
  std::vector<T> windows(rows * kLookback);
  for (T& v : windows) v = uniform(random);
  return windows;
}

void ExpectError(ErrorCode code, const std::string& part, const std::function<void()>& call) {
  try {
    call();
    ADD_FAILURE() << "no error of " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
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
    for (size_t row : {0, 1, 7, 8, 63, 64, 200}) {
      const auto begin = windows.begin() + static_cast<int64_t>(row) * kLookback;
      const std::vector<float> one(begin, begin + kLookback);
      const auto got = PredictWindows(predictor, *model, one, row % 2 == 0);
      for (size_t q = 0; q < got.size(); ++q) {
        const auto at = expected[q].begin() + static_cast<int64_t>(row) * kHorizon;
        EXPECT_EQ(got[q], std::vector<float>(at, at + kHorizon)) << row;
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

// The panel with `values` of each series behind it.
Panel Extended(const Panel& panel, const std::vector<double>& values, int64_t steps) {
  Panel longer;
  longer.offsets = {0};
  std::vector<double> y;
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    for (int64_t i = panel.offsets[static_cast<size_t>(s)];
         i < panel.offsets[static_cast<size_t>(s) + 1]; ++i) {
      y.push_back(panel.y[i]);
    }
    const auto width = static_cast<int64_t>(values.size()) / panel.num_series();
    y.insert(y.end(), values.begin() + s * width, values.begin() + s * width + steps);
    longer.offsets.push_back(static_cast<int64_t>(y.size()));
  }
  longer.y = Column(std::span<const double>(y), false);
  return longer;
}

// Horizon 4; eleven steps take rounds at 0, 4 and, so that it ends with them, 7.
TEST_P(Prediction, ALongerHorizonRollsOverItsOwnForecasts) {
  const Json quantiles = Json::Object{{"name", "MQLoss"}, {"quantiles", Json::Array{0.9, 0.5}}};
  for (const Json& loss : {Json("MAE"), quantiles}) {
    const auto model = Fitted({{"scalerType", "standard"}, {"loss", loss}});
    Predictor predictor(*model, engine_);
    constexpr int64_t kLong = 11;
    const Columns all = PredictPanel(predictor, *model, panel_, kLong);
    const std::vector<double>& point = all[static_cast<size_t>(model->point_output())];
    for (const auto& [offset, from] : {std::pair<int64_t, int64_t>{0, 0}, {4, 0}, {7, 1}}) {
      const Panel seen = Extended(panel_, point, offset);
      const Columns round = PredictPanel(predictor, *model, seen, kHorizon);
      for (size_t q = 0; q < all.size(); ++q) {
        for (int64_t s = 0; s < 3; ++s) {
          for (int64_t t = from; t < kHorizon; ++t) {
            EXPECT_EQ(all[q][static_cast<size_t>(s * kLong + offset + t)],
                      round[q][static_cast<size_t>(s * kHorizon + t)])
                << "output " << q << " series " << s << " step " << offset + t;
          }
        }
      }
    }
  }
}

TEST_P(Prediction, AShorterHorizonIsTheBeginning) {
  const auto model = Fitted();
  Predictor predictor(*model, engine_);
  const Columns all = PredictPanel(predictor, *model, panel_, kHorizon);
  const Columns two = PredictPanel(predictor, *model, panel_, 2);
  for (size_t s = 0; s < 3; ++s) {
    for (size_t t = 0; t < 2; ++t) EXPECT_EQ(two[0][s * 2 + t], all[0][s * kHorizon + t]);
  }
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

// The future column over `horizon` steps after each series, shifted.
std::vector<std::vector<double>> Ahead(const Panel& panel, int64_t horizon, double shift) {
  std::vector<double> column;
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    for (int64_t i = 0; i < horizon; ++i) {
      column.push_back(shift + 2.0 + std::sin(0.2 * static_cast<double>(panel.length(s) + i)));
    }
  }
  return {column};
}

TEST_P(Prediction, ExogenousInputsReachTheForecast) {
  for (const Variant& variant : ExogenousLayouts(entry())) {
    SCOPED_TRACE(variant.label);
    const auto model = Fitted(variant.overrides);
    const ModelConfig& config = model->config();
    Predictor predictor(*model, engine_);
    auto predict = [&](const Panel& panel, double shift, int64_t horizon) {
      return PredictPanel(predictor, *model, panel, horizon, LocalScalerType::kNone, false,
                          Ahead(panel, horizon, shift));
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
    if (!config.future_exog.empty()) {
      ExpectError(ErrorCode::kOutOfRange, "horizon", [&] { predict(panel_, 0, kHorizon - 1); });
    }
    if (!config.historic_exog.empty()) {
      ExpectError(ErrorCode::kUnsupported, "historicExog", [&] { predict(panel_, 0, 9); });
    } else {
      const Columns longer = predict(panel_, 0, 9);
      for (size_t s = 0; s < 3; ++s) {
        for (size_t t = 0; t < kHorizon; ++t) {
          EXPECT_EQ(longer[0][s * 9 + t], forecast[0][s * kHorizon + t]);
        }
      }
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
  std::vector<double> out(100 * kHorizon);
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

TEST_P(Prediction, AModelFileKeepsEveryBit) {
  std::vector<Variant> variants = ExogenousLayouts(entry());
  variants.push_back({"revin, quantiles", {{"scalerType", "revin"}, {"loss", "MQLoss"}}});
  for (const Variant& variant : variants) {
    SCOPED_TRACE(variant.label);
    const auto model = Fitted(variant.overrides, 9);
    const Model* const models[] = {model.get()};
    const Bundle bundle = DecodeBundle(EncodeBundle("header", models, &panel_));
    Predictor before(*model, engine_), after(*bundle.models.at(0), engine_);
    const auto ahead = Ahead(panel_, kHorizon, 0);
    EXPECT_EQ(PredictPanel(after, *bundle.models[0], *bundle.panel, kHorizon,
                           LocalScalerType::kNone, false, ahead),
              PredictPanel(before, *model, panel_, kHorizon, LocalScalerType::kNone, false, ahead));
  }
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
