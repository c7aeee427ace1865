// Forecasts and files of models that are fitted to each series by itself: nothing depends on
// threads, neighbours or the way in.
#include <cmath>

#include "model/bundle.h"
#include "model/file_parts.h"
#include "store/safetensors.h"
#include "testing/local_fixture.h"
#include "util/error.h"

namespace nf {
namespace {

const std::vector<Output> kAsked = {std::nullopt, 0.1, 0.9};

using Columns = std::vector<std::vector<double>>;

// The timestamps after the end of every series.
std::vector<double> After(const Panel& panel, int64_t horizon) {
  std::vector<double> ds;
  for (int64_t s = 0; s < panel.num_series(); ++s)
    for (int64_t i = 1; i <= horizon; ++i)
      ds.push_back(panel.ds[panel.offsets[static_cast<size_t>(s) + 1] - 1] +
                   static_cast<double>(i) * kDayMs);
  return ds;
}

class Local : public EveryLocalModel {
 protected:
  static void FitTo(Model& model, const Panel& panel) {
    model.Fit(panel, FitOptions{}, JobControl{});
  }

  static Columns Predict(Model& model, const Panel& panel, bool refit = false,
                         LocalScalerType scaler = LocalScalerType::kNone, bool on_caller = false,
                         int64_t horizon = kHorizon) {
    const std::vector<double> ds = After(panel, horizon);
    Columns columns(kAsked.size(), std::vector<double>(ds.size()));
    model.Forecast(PanelForecast{.panel = &panel,
                                 .horizon = horizon,
                                 .scaler = scaler,
                                 .out = {columns.begin(), columns.end()},
                                 .on_caller_thread = on_caller,
                                 .quantiles = kAsked,
                                 .future_ds = ds,
                                 .refit = refit},
                   JobControl{});
    return columns;
  }
};

TEST_P(Local, ThreadsAndTheWayInChangeNoBit) {
  const auto model = Make();
  FitTo(*model, panel_);
  const Columns forecast = Predict(*model, panel_);
  for (int threads : {1, 7}) {
    Engine engine({.num_threads = threads, .pool = {}});
    const auto other = Make(engine);
    FitTo(*other, panel_);
    EXPECT_EQ(Predict(*other, panel_), forecast);
    EXPECT_EQ(Predict(*other, panel_, false, LocalScalerType::kNone, true), forecast);
  }
}

TEST_P(Local, ASeriesDoesNotDependOnItsNeighbours) {
  const auto model = Make();
  FitTo(*model, panel_);
  const Columns all = Predict(*model, panel_);
  for (int64_t s = 0; s < panel_.num_series(); ++s) {
    const Panel one = Only(panel_, s);
    const auto alone = Make();
    FitTo(*alone, one);
    const Columns forecast = Predict(*alone, one);
    for (size_t o = 0; o < forecast.size(); ++o)
      for (size_t i = 0; i < kHorizon; ++i)
        EXPECT_EQ(forecast[o][i], all[o][static_cast<size_t>(s) * kHorizon + i]);
  }
}

TEST_P(Local, OtherSeriesAreFittedForTheirForecast) {
  const auto model = Make();
  FitTo(*model, Only(panel_, 1));
  const Learned before(*model);
  const auto direct = Make();
  FitTo(*direct, panel_);
  EXPECT_EQ(Predict(*model, panel_, /*refit=*/true), Predict(*direct, panel_));
  EXPECT_EQ(Learned(*model), before);
}

TEST_P(Local, WindowsAreSeriesWhoseRowsAreCounted) {
  const auto model = Make();
  Panel counted;
  std::vector<double> y(2 * kLookback);
  panel_.y.Read(0, y);
  counted.offsets = {0, kLookback, 2 * kLookback};
  counted.y = Column(std::span<const double>(y), false);
  FitTo(*model, counted);
  std::vector<double> ds;
  for (int64_t i = 0; i < 2 * kHorizon; ++i)
    ds.push_back(static_cast<double>(kLookback + i % kHorizon));
  Columns panel(kAsked.size(), std::vector<double>(ds.size())), windows = panel;
  model->Forecast(PanelForecast{.panel = &counted,
                                .horizon = kHorizon,
                                .out = {panel.begin(), panel.end()},
                                .quantiles = kAsked,
                                .future_ds = ds},
                  JobControl{});
  model->Forecast(
      WindowsForecast<double>{
          .windows = y, .out = {windows.begin(), windows.end()}, .quantiles = kAsked},
      JobControl{});
  EXPECT_EQ(windows, panel);
}

TEST_P(Local, FilesKeepEveryBitAndDamageIsNamed) {
  const auto model = Make();
  FitTo(*model, panel_);
  const Model* models[] = {model.get()};
  const Panel tail = panel_.Tail(0);
  const std::vector<uint8_t> bytes = EncodeBundle("{}", models, &tail);
  const Bundle bundle = DecodeBundle(bytes, engine_);
  EXPECT_EQ(Learned(*bundle.models[0]), Learned(*model));
  EXPECT_EQ(bundle.models[0]->ConfigJson(), model->ConfigJson());
  EXPECT_EQ(bundle.panel->ds_step, 0);
  EXPECT_EQ(Predict(*bundle.models[0], panel_), Predict(*model, panel_));

  const SafetensorsFile good = ReadSafetensors(bytes);
  std::vector<int64_t> offsets(static_cast<size_t>(panel_.num_series() + 1));
  good.At("models.0.offsets").CopyTo(std::span(offsets));
  std::vector<double> values(static_cast<size_t>(offsets.back()));
  good.At("models.0.parameters").CopyTo(std::span(values));
  auto refused = [&](const std::vector<int64_t>& to, const std::vector<double>& of) {
    SafetensorsFile file = good;
    for (TensorView& tensor : file.tensors) {
      if (tensor.name == "models.0.offsets") {
        tensor.shape = {std::ssize(to)};
        tensor.bytes = AsBytes(std::span<const int64_t>(to));
      } else if (tensor.name == "models.0.parameters") {
        tensor.shape = {std::ssize(of)};
        tensor.bytes = AsBytes(std::span<const double>(of));
      }
    }
    try {
      DecodeBundle(WriteSafetensors(file), engine_);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kCorruptModel;
    }
    return false;
  };
  EXPECT_FALSE(refused(offsets, values));
  auto bad = values;
  bad.pop_back();
  auto shorter = offsets;
  --shorter.back();
  EXPECT_TRUE(refused(shorter, bad));
  bad = values;
  bad[3] = std::nan("");
  EXPECT_TRUE(refused(offsets, bad));
  bad = values;
  bad[static_cast<size_t>(offsets[1]) + 7] = 1e300;  // a count
  EXPECT_TRUE(refused(offsets, bad));
  shorter = offsets;
  shorter.pop_back();  // another number of series than the panel has
  bad = values;
  bad.resize(static_cast<size_t>(shorter.back()));
  EXPECT_TRUE(refused(shorter, bad));
}

TEST_P(Local, LocalScalingIsUndone) {
  const auto model = Make();
  Panel scaled = panel_.Tail(panel_.num_rows());
  ScalePanel(LocalScalerType::kStandard, scaled);
  FitTo(*model, scaled);
  const auto plain = Make();
  FitTo(*plain, panel_);
  const Columns forecast = Predict(*model, panel_, false, LocalScalerType::kStandard);
  const Columns expected = Predict(*plain, panel_);
  for (size_t i = 0; i < forecast[0].size(); ++i) {
    EXPECT_NEAR(forecast[0][i], expected[0][i], 0.5);
    EXPECT_LT(forecast[1][i], forecast[0][i]);
    EXPECT_GT(forecast[2][i], forecast[0][i]);
  }
}

TEST_P(Local, IntervalsWidenWhereTheTrendBends) {
  const auto model = Make();
  Panel bent = DailyPanel();
  for (int64_t s = 0; s < bent.num_series(); ++s) {
    for (int64_t i = 30; i < bent.length(s); ++i) {
      const int64_t row = bent.offsets[static_cast<size_t>(s)] + i;
      bent.y.Write(row, bent.y[row] + 0.5 * static_cast<double>(i - 30));
    }
  }
  FitTo(*model, bent);
  constexpr int64_t kFar = 100;
  const Columns far = Predict(*model, bent, false, LocalScalerType::kNone, false, kFar);
  const Columns near = Predict(*model, bent);
  for (int64_t s = 0; s < panel_.num_series(); ++s) {
    const auto first = static_cast<size_t>(s * kFar), last = first + kFar - 1;
    EXPECT_GT(far[2][last] - far[1][last], 1.2 * (far[2][first] - far[1][first]));
    // Steps do not depend on how far the forecast goes.
    for (size_t o = 0; o < far.size(); ++o)
      EXPECT_EQ(far[o][first], near[o][static_cast<size_t>(s * kHorizon)]);
  }
}

TEST_P(Local, AConstantSeriesStaysConstant) {
  Panel panel = Only(panel_, 0);
  for (int64_t i = 0; i < panel.num_rows(); ++i) panel.y.Write(i, 4.25);
  const auto model = Make();
  FitTo(*model, panel);
  for (const auto& column : Predict(*model, panel))
    for (double v : column) EXPECT_NEAR(v, 4.25, 1e-5);
}

NF_FOR_EVERY_LOCAL_MODEL(Local);

}  // namespace
}  // namespace nf
