// Forecasts and files of models that are fitted to each series by itself: nothing depends on
// threads, neighbours or the way in.
#include "infer/local_predictor.h"

#include <cmath>
#include <limits>

#include "infer/bundle.h"
#include "models/local_rows.h"
#include "testing/local_fixture.h"
#include "util/error.h"

namespace nf {
namespace {

constexpr double kPoint = std::numeric_limits<double>::quiet_NaN();
const std::vector<double> kAsked = {kPoint, 0.1, 0.9};

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
  // What training does.
  static void FitTo(Model& model, const Panel& panel) {
    LocalParameters learned;
    for (int64_t s = 0; s < panel.num_series(); ++s) {
      const SeriesRows rows(panel, model.local_config(), s, 0, panel.length(s), true, "series");
      const LocalFit fit =
          model.local_method()->fit(model.config(), rows.rows(), rows.y(), JobControl{});
      learned.values.insert(learned.values.end(), fit.parameters.begin(), fit.parameters.end());
      learned.offsets.push_back(static_cast<int64_t>(learned.values.size()));
    }
    model.SetLocalParameters(std::move(learned));
  }

  Columns Predict(const Model& model, Engine& engine, const Panel& panel, bool refit = false,
                  LocalScalerType scaler = LocalScalerType::kNone, bool on_caller = false,
                  int64_t horizon = kHorizon) const {
    const std::vector<double> ds = After(panel, horizon);
    Columns columns(kAsked.size(), std::vector<double>(ds.size()));
    const std::vector<std::span<double>> out(columns.begin(), columns.end());
    const LocalAsk ask{kAsked, scaler, on_caller};
    PredictLocalPanel(model, engine, panel, refit, ds, {}, horizon, ask, out, JobControl{});
    return columns;
  }

  Engine engine_{{.num_threads = 2, .pool = {}}};
};

TEST_P(Local, ThreadsAndTheWayInChangeNoBit) {
  const auto model = Make();
  FitTo(*model, panel_);
  const Columns forecast = Predict(*model, engine_, panel_);
  for (int threads : {1, 7}) {
    Engine engine({.num_threads = threads, .pool = {}});
    EXPECT_EQ(Predict(*model, engine, panel_), forecast);
    EXPECT_EQ(Predict(*model, engine, panel_, false, LocalScalerType::kNone, true), forecast);
  }
}

TEST_P(Local, ASeriesDoesNotDependOnItsNeighbours) {
  const auto model = Make();
  FitTo(*model, panel_);
  const Columns all = Predict(*model, engine_, panel_);
  for (int64_t s = 0; s < panel_.num_series(); ++s) {
    const Panel one = Only(panel_, s);
    const auto alone = Make();
    FitTo(*alone, one);
    const Columns forecast = Predict(*alone, engine_, one);
    for (size_t o = 0; o < forecast.size(); ++o)
      for (size_t i = 0; i < kHorizon; ++i)
        EXPECT_EQ(forecast[o][i], all[o][static_cast<size_t>(s) * kHorizon + i]);
  }
}

TEST_P(Local, OtherSeriesAreFittedForTheirForecast) {
  const auto model = Make();
  FitTo(*model, Only(panel_, 1));
  const auto before = model->local_parameters();
  const auto direct = Make();
  FitTo(*direct, panel_);
  EXPECT_EQ(Predict(*model, engine_, panel_, /*refit=*/true), Predict(*direct, engine_, panel_));
  EXPECT_EQ(model->local_parameters(), before);
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
  const LocalAsk ask{kAsked, LocalScalerType::kNone, false};
  const std::vector<std::span<double>> out(panel.begin(), panel.end());
  PredictLocalPanel(*model, engine_, counted, false, ds, {}, kHorizon, ask, out, JobControl{});
  const std::vector<std::span<double>> rows(windows.begin(), windows.end());
  PredictLocalWindows<double>(*model, engine_, y, ask, rows, JobControl{});
  EXPECT_EQ(windows, panel);
}

TEST_P(Local, FilesKeepEveryBitAndDamageIsNamed) {
  const auto model = Make();
  FitTo(*model, panel_);
  const Model* models[] = {model.get()};
  const Panel tail = panel_.Tail(0);
  const Bundle bundle = DecodeBundle(EncodeBundle("{}", models, &tail));
  EXPECT_EQ(bundle.models[0]->local_parameters()->values, model->local_parameters()->values);
  EXPECT_EQ(bundle.models[0]->ConfigJson(), model->ConfigJson());
  EXPECT_EQ(bundle.panel->ds_step, 0);
  EXPECT_EQ(Predict(*bundle.models[0], engine_, panel_), Predict(*model, engine_, panel_));

  const LocalParameters good = *model->local_parameters();
  auto refused = [&](LocalParameters bad) {
    const auto broken = Make();
    broken->SetLocalParameters(std::move(bad));
    const Model* pointers[] = {broken.get()};
    try {
      DecodeBundle(EncodeBundle("{}", pointers, &tail));
    } catch (const Error& error) {
      return error.code() == ErrorCode::kCorruptModel;
    }
    return false;
  };
  EXPECT_FALSE(refused(good));
  LocalParameters bad = good;
  bad.values.pop_back();
  --bad.offsets.back();
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.values[3] = std::nan("");
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.values[static_cast<size_t>(bad.offsets[1]) + 7] = 1e300;  // a count
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.offsets.pop_back();  // another number of series than the panel has
  bad.values.resize(static_cast<size_t>(bad.offsets.back()));
  EXPECT_TRUE(refused(bad));
}

TEST_P(Local, LocalScalingIsUndone) {
  const auto model = Make();
  Panel scaled = panel_.Tail(panel_.num_rows());
  ScalePanel(LocalScalerType::kStandard, scaled);
  FitTo(*model, scaled);
  const auto plain = Make();
  FitTo(*plain, panel_);
  const Columns forecast = Predict(*model, engine_, panel_, false, LocalScalerType::kStandard);
  const Columns expected = Predict(*plain, engine_, panel_);
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
  const Columns far = Predict(*model, engine_, bent, false, LocalScalerType::kNone, false, kFar);
  const Columns near = Predict(*model, engine_, bent);
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
  for (const auto& column : Predict(*model, engine_, panel))
    for (double v : column) EXPECT_NEAR(v, 4.25, 1e-5);
}

NF_FOR_EVERY_LOCAL_MODEL(Local);

}  // namespace
}  // namespace nf
