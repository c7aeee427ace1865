// The validation loss: in which unit, of which outputs, and which series it is told apart by.
#include <filesystem>
#include <functional>

#include "data/series_scale.h"
#include "testing/fit_fixture.h"
#include "train/validator.h"
#include "util/error.h"

namespace nf {
namespace {

Panel PanelOf(const std::vector<std::vector<double>>& series, std::vector<uint8_t> mask = {}) {
  Panel panel;
  std::vector<double> y;
  panel.offsets = {0};
  for (const auto& values : series) {
    y.insert(y.end(), values.begin(), values.end());
    panel.offsets.push_back(static_cast<int64_t>(y.size()));
  }
  panel.y = Column(std::span<const double>(y), false);
  panel.mask = std::move(mask);
  return panel;
}

using Doubles = std::vector<double>;

TEST(SeriesScales, AreTheErrorOfRepeatingTheLastValue) {
  const Panel panel = PanelOf({{10, 12, 11, 15}, {1, 1, 1}, {0, 0}, {-4}, {100, 100 + 1e-6, 100}});
  EXPECT_EQ(SeriesScales(panel, 0), (Doubles{7.0 / 3, 1, 1, 4, 100 + 1e-6 / 3}));
  // Held-out rows do not count.
  EXPECT_EQ(SeriesScales(panel, 1), (Doubles{1.5, 1, 1, 1, 100 + 1e-6 / 2}));
}

TEST(SeriesScales, UnobservedRowsDoNotCount) {
  EXPECT_EQ(SeriesScales(PanelOf({{1, 3, 999, 6, 7}}, {1, 1, 0, 1, 1}), 0), (Doubles{1.5}));
  EXPECT_EQ(SeriesScales(PanelOf({{1, 999, 3}}, {1, 0, 1}), 0), (Doubles{2}));
  EXPECT_EQ(SeriesScales(PanelOf({{5, 7}}, {0, 0}), 0), (Doubles{1}));
}

// Any model will do: a fresh one whose windows are scaled, so that it forecasts k * y of k *
// series.
class ValidLoss : public ::testing::Test {
 protected:
  double Loss(const Panel& panel, const Json::Object& losses, bool by_series) {
    Json::Object options = {{"scalerType", "standard"}};
    options.insert(options.end(), losses.begin(), losses.end());
    const auto model = TinyModel(*NeuralModels().front(), options);
    Validator validator(*model, engine_, panel, WindowsOf(panel),
                        by_series ? SeriesScales(panel, 0) : Doubles{});
    return validator.Loss(model->InitialParameters().data());
  }
  // The toy series, the second of them a thousand times as large.
  static Panel OneLarge() {
    Panel panel = ToyPanel();
    for (int64_t i = panel.offsets[1]; i < panel.offsets[2]; ++i) {
      panel.y.Write(i, 1000 * panel.y[i]);
    }
    return panel;
  }
  static Panel First(const Panel& panel) {
    Doubles y;
    for (int64_t i = 0; i < panel.offsets[1]; ++i) y.push_back(panel.y[i]);
    return PanelOf({y});
  }

  Engine engine_{{.num_threads = 1, .pool = {}}};
};

TEST_F(ValidLoss, BySeriesIsTheErrorOverThatOfTheLastValue) {
  const Panel one = First(ToyPanel());
  const double scale = SeriesScales(one, 0)[0];
  EXPECT_GT(std::abs(scale - 1), 0.1);
  const std::pair<const char*, double> factors[] = {{"MAE", 1 / scale},
                                                    {"RMSE", 1 / scale},
                                                    {"MSE", 1 / (scale * scale)},
                                                    {"QuantileLoss", 1 / scale}};
  for (const auto& [loss, factor] : factors) {
    const double data = Loss(one, {{"loss", loss}}, false);
    EXPECT_NEAR(Loss(one, {{"loss", loss}}, true), factor * data, 1e-5 * factor * data) << loss;
  }
}

TEST_F(ValidLoss, EachSeriesCountsAlikeWhateverItsUnit) {
  const Panel toy = ToyPanel(), large = OneLarge();
  for (const char* loss : {"MAE", "MSE", "MQLoss"}) {
    const double expected = Loss(toy, {{"loss", loss}}, true);
    EXPECT_NEAR(Loss(large, {{"loss", loss}}, true), expected, 1e-3 * expected) << loss;
    EXPECT_GT(Loss(large, {{"loss", loss}}, false), 100 * Loss(toy, {{"loss", loss}}, false));
  }
}

TEST_F(ValidLoss, APointMetricOfQuantilesIsThatOfTheMedian) {
  const Panel toy = ToyPanel();
  const Json quantiles =
      Json::Object{{"name", "MQLoss"}, {"quantiles", Json::Array{0.1, 0.5, 0.9}}};
  const Json median = Json::Object{{"name", "QuantileLoss"}, {"q", 0.5}};
  const double mae = Loss(toy, {{"loss", quantiles}, {"validLoss", "MAE"}}, true);
  // The pinball loss at 0.5 is half the absolute error.
  EXPECT_NEAR(Loss(toy, {{"loss", quantiles}, {"validLoss", median}}, true), mae / 2, 1e-5 * mae);
  // Which output it is does not matter, nor what the others are.
  double sum = 0;
  for (double q : {0.1, 0.5, 0.9}) {
    const Json one = Json::Object{{"name", "QuantileLoss"}, {"q", q}};
    sum += Loss(toy, {{"loss", quantiles}, {"validLoss", one}}, true);
  }
  EXPECT_NEAR(Loss(toy, {{"loss", quantiles}}, true), sum, 1e-5 * sum);
}

class FitValidLoss : public ::testing::Test {
 protected:
  ~FitValidLoss() override { std::filesystem::remove(path_); }

  FitOptions Options(const NeuralModel& model, const char* scale) {
    FitOptions options = OptionsOf(model);
    options.train.valid_loss_scale = scale;
    options.train.val_check_steps = 5;
    options.validation_size = 8;
    options.checkpoint_path = path_;
    options.resume = true;
    return options;
  }

  const std::string path_ =
      testing::TempDir() + "valid_loss_test." + std::to_string(std::random_device()());
  const Panel panel_ = ToyPanel();
  Engine engine_{{.num_threads = 1, .pool = {}}};
};

TEST_F(FitValidLoss, TheScaleIsThatOfTheTrainedRows) {
  const ModelEntry& entry = *NeuralModels().front();
  const auto model = TinyModel(entry);
  const FitReport series = Fit(*model, engine_, panel_, Options(*model, "series"), JobControl{});
  std::filesystem::remove(path_);
  const FitReport data = Fit(*model, engine_, panel_, Options(*model, "data"), JobControl{});
  EXPECT_EQ(series.train_loss, data.train_loss);
  std::vector<Frame> windows;
  for (int32_t s = 0; s < 3; ++s) {
    for (int64_t cut = kSeriesLengths[s] - 8; cut <= kSeriesLengths[s] - kHorizon; ++cut) {
      windows.push_back({s, cut});
    }
  }
  Validator in_data(*model, engine_, panel_, windows, {});
  Validator by_series(*model, engine_, panel_, windows, SeriesScales(panel_, 8));
  EXPECT_EQ(data.valid_loss.back().second, in_data.Loss(model->weights()->data()));
  EXPECT_EQ(series.valid_loss.back().second, by_series.Loss(model->weights()->data()));
}

// A loss in one unit is no record for losses in another.
TEST_F(FitValidLoss, ResumedInAnotherUnitBeginsAnew) {
  const ModelEntry& entry = *NeuralModels().front();
  const auto model = TinyModel(entry, {{"lrScheduler", "plateau"}});
  JobControl control;
  control.on_progress = [&](const Progress& p) { control.cancelled = p.step == 12; };
  FitOptions options = Options(*model, "series");
  options.checkpoint_frequency = 1;
  EXPECT_THROW(Fit(*model, engine_, panel_, options, control), Error);
  std::filesystem::copy_file(path_, path_ + ".kept");
  const auto steps = [&](const char* scale) {
    std::filesystem::copy_file(path_ + ".kept", path_,
                               std::filesystem::copy_options::overwrite_existing);
    const FitReport report = Fit(*model, engine_, panel_, Options(*model, scale), JobControl{});
    std::vector<int64_t> at;
    double best = report.valid_loss[0].second;
    for (const auto& [step, loss] : report.valid_loss)
      at.push_back(step), best = std::min(best, loss);
    EXPECT_EQ(report.best_valid_loss, best) << scale;
    EXPECT_EQ(report.train_loss.size(), 20u);
    return at;
  };
  const std::vector<int64_t> same = steps("series"), other = steps("data");
  std::filesystem::remove(path_ + ".kept");
  EXPECT_EQ(same, (std::vector<int64_t>{5, 10, 15, 20}));
  EXPECT_EQ(other, (std::vector<int64_t>{15, 20}));
}

// 1e11 weights, which a machine may promise and then end the process for.
TEST_F(FitValidLoss, AModelLargerThanTheMachineIsAnError) {
  const Json::Array wide = {Json::Array{65536, 65536}};
  const Json::Array units(30, wide[0]);
  const auto model = NeuralModel::Create(
      "NHITS", Json::Object{{"horizon", kHorizon}, {"inputSize", kLookback}, {"mlpUnits", units}},
      1, "NHITS");
  EXPECT_GT(model->num_parameters(), int64_t{1} << 36);
  try {
    Fit(*model, engine_, panel_, OptionsOf(*model), JobControl{});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory) << error.what();
  }
}

std::string MessageOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(FitValidLoss, MessagesNameTheSeriesOfTheDataThatIsMeant) {
  const auto model = TinyModel(*NeuralModels().front());
  Panel apart = PanelOf({Doubles(40, 1), Doubles(40, 1), Doubles(40, 1), Doubles(40, 1), {1, 2}});
  FitOptions options = OptionsOf(*model);
  options.series_names = {"a", "b", "c"};
  options.validation_names = {"v", "w", "x", "y", "short"};
  options.validation_panel = &apart;
  EXPECT_NE(MessageOf([&] { Fit(*model, engine_, panel_, options, JobControl{}); }).find("'short'"),
            std::string::npos);
}

TEST_F(FitValidLoss, DivergenceNamesTheSeriesOfTheLargestValue) {
  const auto model = TinyModel(*NeuralModels().front(), {{"loss", "MSE"}});
  Panel panel = ToyPanel();
  for (int64_t i = panel.offsets[1]; i < panel.offsets[2]; ++i) panel.y.Write(i, 2e25);
  FitOptions options = OptionsOf(*model);
  options.series_names = {"a", "the large one", "c"};
  const std::string message =
      MessageOf([&] { Fit(*model, engine_, panel, options, JobControl{}); });
  EXPECT_NE(message.find("as scaled: 2e+25, in series 'the large one'"), std::string::npos)
      << message;
}

}  // namespace
}  // namespace nf
