// Models that forecast several series together, whichever the registry has: what they ask of a
// panel, and that every series counts where it stands. What is asked of every model is asked of
// them by the tests over the registry.
#include <cmath>

#include "data/series_scale.h"
#include "model/bundle.h"
#include "testing/fit_fixture.h"
#include "testing/predictor_fixture.h"
#include "train/validator.h"

namespace nf {
namespace {

std::vector<const ModelEntry*> MultivariateModels() {
  std::vector<const ModelEntry*> models = NeuralModels();
  std::erase_if(models, [](const ModelEntry* entry) { return !entry->multivariate; });
  return models;
}

// Of a panel the first `count` series, and the first of them again where there are too few.
Panel Series(const Panel& source, int64_t count) {
  Panel panel;
  panel.offsets = {0};
  std::vector<double> y;
  for (int64_t s = 0; s < count; ++s) {
    const auto from = static_cast<size_t>(s % source.num_series());
    for (int64_t i = source.offsets[from]; i < source.offsets[from + 1]; ++i) {
      y.push_back(source.y[i]);
    }
    panel.offsets.push_back(static_cast<int64_t>(y.size()));
  }
  panel.y = Column(std::span<const double>(y), false);
  return panel;
}

class Multivariate : public PredictorTest {
 protected:
  void ExpectFitFails(ErrorCode code, const std::string& part, const Panel& panel,
                      const Panel* validation = nullptr) {
    const auto model = TinyModel(entry());
    FitOptions options = OptionsOf(*model);
    options.series_names = {"a", "b", "c", "d"};
    options.validation_names = {"x", "y", "z", "z'"};
    options.validation_panel = validation;
    ExpectError(code, part, [&] { Fit(*model, engine_, panel, options, JobControl{}); });
  }
  void ExpectForecastFails(ErrorCode code, const std::string& part, const Panel& panel) {
    const auto model = Fitted();
    Predictor predictor(*model, engine_);
    ExpectError(code, part, [&] { PredictPanel(predictor, *model, panel, kHorizon); });
  }
  void ExpectFails(ErrorCode code, const std::string& part, const Panel& panel) {
    ExpectForecastFails(code, part, panel);
    ExpectFitFails(code, part, panel);
    ExpectFitFails(code, part, panel_, &panel);
  }
};

TEST_P(Multivariate, AnotherCountOfSeriesNamesBothCounts) {
  for (int64_t count : {1, 2, 4}) {
    const std::string there = std::to_string(count);
    ExpectFails(ErrorCode::kOutOfRange, "nSeries 3, but the data has " + there + " series",
                Series(panel_, count));
    ExpectFails(ErrorCode::kOutOfRange, "nSeries: " + there, Series(panel_, count));
  }
}

TEST_P(Multivariate, ASeriesThatIsNotAlignedIsNamed) {
  const Panel ragged = nf::ToyPanel();
  ExpectForecastFails(ErrorCode::kSeriesTooShort, "series 1 has 61, and series 0 has 90", ragged);
  ExpectFitFails(ErrorCode::kSeriesTooShort, "series 'b' has 61, and series 'a' has 90", ragged);
  ExpectFitFails(ErrorCode::kSeriesTooShort, "series 'y' has 61", panel_, &ragged);
  Panel shifted = ToyPanel();
  std::vector<double> ds;
  for (int64_t s = 0; s < 3; ++s) {
    for (int64_t i = 0; i < shifted.length(s); ++i) ds.push_back(static_cast<double>(i + s / 2));
  }
  shifted.ds = Column(std::span<const double>(ds), false);
  shifted.ds_step = 1;
  ExpectForecastFails(ErrorCode::kIrregularTimestamp, "of series 2 is at another time", shifted);
  ExpectFitFails(ErrorCode::kIrregularTimestamp, "of series 'c' is at another time", shifted);
}

TEST_P(Multivariate, AFileOfOtherSeriesIsDamaged) {
  const auto model = MakeNeural(engine_, Fitted());
  const Model* const models[] = {model.get()};
  for (const Panel& panel : {Series(panel_, 2), nf::ToyPanel()}) {
    ExpectError(ErrorCode::kCorruptModel, "forecasts all series together",
                [&] { DecodeBundle(EncodeBundle("{}", models, &panel), engine_); });
  }
}

// What one series was says something of another's future, and its values there stand alone.
TEST_P(Multivariate, EverySeriesIsSeenFromEveryOther) {
  const auto model = Fitted({{"scalerType", "standard"}});
  Predictor predictor(*model, engine_);
  const Columns before = PredictPanel(predictor, *model, panel_, kHorizon);
  for (int64_t changed = 0; changed < 3; ++changed) {
    Panel panel = ToyPanel();
    panel.y.Write(panel.offsets[static_cast<size_t>(changed) + 1] - 3, 1.0);
    const Columns after = PredictPanel(predictor, *model, panel, kHorizon);
    for (size_t i = 0; i < after[0].size(); ++i) EXPECT_NE(after[0][i], before[0][i]) << i;
  }
}

// Each series comes back in its own scale and place, from panels and from windows.
TEST_P(Multivariate, ForecastsStandInTheOrderOfTheSeries) {
  Panel panel = ToyPanel();
  for (int64_t i = panel.offsets[1]; i < panel.offsets[2]; ++i) panel.y.Write(i, 1e4 + panel.y[i]);
  for (int64_t i = panel.offsets[2]; i < panel.offsets[3]; ++i) panel.y.Write(i, -panel.y[i] * 1e6);
  for (const char* loss : {"MAE", "MQLoss"}) {
    const auto model = Fitted({{"scalerType", "standard"}, {"loss", loss}});
    Predictor predictor(*model, engine_);
    for (const int64_t horizon : {kHorizon, int64_t{11}}) {
      for (const std::vector<double>& column : PredictPanel(predictor, *model, panel, horizon)) {
        for (int64_t t = 0; t < horizon; ++t) {
          EXPECT_LT(std::abs(column[static_cast<size_t>(t)]), 20);
          EXPECT_NEAR(column[static_cast<size_t>(horizon + t)], 1e4, 20);
          EXPECT_NEAR(column[static_cast<size_t>(2 * horizon + t)], -3e6, 2.9e6);
        }
      }
    }
  }
}

// The mean over windows, steps and series, each series in its unit.
TEST_P(Multivariate, TheValidationLossCountsEverySeries) {
  const auto model = Fitted();
  const std::vector<Frame> windows = WindowsOf(panel_, 3);
  const std::vector<float> forecasts = Forecasts(*model, BestKernels(), panel_);  // [rows, h, N]
  for (const bool by_series : {false, true}) {
    const std::vector<double> scales =
        by_series ? SeriesScales(panel_, 0) : std::vector<double>{1, 1, 1};
    double sum = 0;
    for (size_t i = 0; i < forecasts.size(); ++i) {
      const size_t n = i % 3, t = i / 3 % kHorizon;
      const int64_t row = panel_.offsets[n] + windows[i / (3 * kHorizon)].cut;
      const double y = panel_.y[row + static_cast<int64_t>(t)];
      sum += std::abs(static_cast<double>(forecasts[i]) - y) / scales[n];
    }
    const double expected = sum / static_cast<double>(forecasts.size());
    Validator validator(*model, engine_, panel_, windows,
                        by_series ? scales : std::vector<double>{});
    EXPECT_NEAR(validator.Loss(model->weights()->data()), expected, 1e-5 * expected);
  }
}

// A value that is masked in one series is observed in the others.
TEST_P(Multivariate, MasksAreOfEachSeries) {
  Panel panel = ToyPanel();
  panel.mask.assign(static_cast<size_t>(panel.num_rows()), 1);
  // All of the second series in the windows of one cut, and nothing of the others.
  const int64_t cut = 40, begin = panel.offsets[1] + cut;
  std::fill_n(panel.mask.begin() + begin, kHorizon, 0);
  const auto model = TinyModel(entry());
  const FixedBatch batch(*model, panel, {{0, cut, 3}});
  EXPECT_EQ(batch.source().weight_sum(), 2.0 * kHorizon);
  std::vector<float> target(3 * kHorizon), weight = target;
  std::vector<double> scratch(
      static_cast<size_t>(WindowShape::ScratchDoubles(kLookback, kHorizon)));
  BatchRows rows;
  rows.inputs[Input::kTarget] = target.data();
  rows.inputs[Input::kWeight] = weight.data();
  batch.source().Fill(0, 1, rows, scratch.data());
  for (size_t i = 0; i < weight.size(); ++i) EXPECT_EQ(weight[i], i % 3 == 1 ? 0.0f : 1.0f) << i;
}

TEST_P(Multivariate, DivergenceNamesTheSeriesOfTheLargestValue) {
  Panel panel = ToyPanel();
  for (int64_t i = panel.offsets[2]; i < panel.offsets[3]; ++i)
    panel.y.Write(i, i % 2 == 0 ? 2e25 : -1e25);
  const auto model = TinyModel(entry(), {{"loss", "MSE"}});
  FitOptions options = OptionsOf(*model);
  options.series_names = {"a", "b", "the large one"};
  ExpectError(ErrorCode::kDiverged, "as scaled: 2e+25, in series 'the large one'",
              [&] { Fit(*model, engine_, panel, options, JobControl{}); });
}

NF_FOR_MODELS(Multivariate, MultivariateModels());

}  // namespace
}  // namespace nf
