// The course of a training, for every model of the registry: resumed, stopped early, cancelled,
// diverged.
#include "train/trainer.h"

#include <filesystem>
#include <limits>
#include <numeric>

#include "testing/fit_fixture.h"
#include "train/validator.h"

namespace nf {
namespace {

class Training : public EveryModel {
 protected:
  ~Training() override { std::filesystem::remove(path_); }

  // Validated every five steps, with a rate that drops and a patience that may run out.
  std::unique_ptr<NeuralModel> Watched(int64_t patience) const {
    return TinyModel(entry(), {{"maxSteps", 60},
                               {"valCheckSteps", 5},
                               {"validLossScale", "data"},
                               {"earlyStopPatienceSteps", patience},
                               {"lrScheduler", "plateau"},
                               {"lrPatience", 0}});
  }

  static std::string CheckpointPath() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '.');
    return testing::TempDir() + "trainer_test." + name + "." +
           std::to_string(std::random_device()());
  }

  const std::string path_ = CheckpointPath();
  const Panel panel_ = ToyPanel(), noise_ = NoisePanel();
  Engine engine_{{.num_threads = 1, .pool = {}}};
};

void ExpectSameReport(const FitReport& a, const FitReport& b) {
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.stopped_early, b.stopped_early);
  EXPECT_EQ(a.train_loss, b.train_loss);
  EXPECT_EQ(a.valid_loss, b.valid_loss);
  if (!std::isnan(b.best_valid_loss)) {
    EXPECT_EQ(a.best_valid_loss, b.best_valid_loss);
  }
}

// Trained on the toy series and judged by noise around zero, every step makes a model worse: the
// rate falls, and with a patience of 4 checks the training ends early.
class TrainedWeights : public Training {};

TEST_P(Training, ResumedEqualsUninterrupted) {
  for (const auto& [patience, stop_after] : {std::pair<int64_t, int64_t>{4, 20}, {-1, 23}}) {
    std::filesystem::remove(path_);
    const auto whole = Watched(patience), parts = Watched(patience);
    FitOptions options = OptionsOf(*whole);
    options.validation_panel = &noise_;
    std::vector<double> rates;
    JobControl watch;
    watch.on_progress = [&](const Progress& p) { rates.push_back(p.learning_rate); };
    const FitReport expected = Fit(*whole, engine_, panel_, options, watch);
    EXPECT_LT(rates.back(), rates.front()) << "the schedule has nothing to remember";
    EXPECT_EQ(expected.stopped_early, patience > 0);

    options.checkpoint_path = path_;
    options.resume = true;
    JobControl interrupt;
    interrupt.on_progress = [&](const Progress& p) { interrupt.cancelled = p.step == stop_after; };
    EXPECT_THROW(Fit(*parts, engine_, panel_, options, interrupt), Error);
    EXPECT_FALSE(parts->fitted());
    ExpectSameReport(Fit(*parts, engine_, panel_, options, JobControl{}), expected);
    EXPECT_EQ(*parts->weights(), *whole->weights());
  }
}

TEST_P(Training, ResumingAFinishedTrainingGivesItsResult) {
  const auto first = Watched(2), again = Watched(2);
  FitOptions options = OptionsOf(*first);
  options.validation_panel = &noise_;
  options.checkpoint_path = path_;
  options.resume = true;
  const FitReport report = Fit(*first, engine_, panel_, options, JobControl{});
  EXPECT_TRUE(report.stopped_early);
  ExpectSameReport(Fit(*again, engine_, panel_, options, JobControl{}), report);
  EXPECT_EQ(*again->weights(), *first->weights());
}

TEST_P(Training, ACheckpointOfAnotherModelIsRefused) {
  const auto model = Watched(-1);
  FitOptions options = OptionsOf(*model);
  options.checkpoint_path = path_;
  options.resume = true;
  options.train.max_steps = 5;
  Fit(*model, engine_, panel_, options, JobControl{});
  for (const ModelEntry* other : NeuralModels()) {
    if (other == &entry()) continue;
    const auto wrong = TinyModel(*other);
    try {
      Fit(*wrong, engine_, nf::ToyPanel(other->multivariate), options, JobControl{});
      FAIL() << other->name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
    }
  }
}

TEST_P(TrainedWeights, EarlyStoppingBringsTheBestWeightsBack) {
  const auto model = Watched(3);
  FitOptions options = OptionsOf(*model);
  options.validation_panel = &noise_;
  const FitReport report = Fit(*model, engine_, panel_, options, JobControl{});
  ASSERT_TRUE(report.stopped_early);
  EXPECT_LT(report.steps, 60);
  double best = std::numeric_limits<double>::infinity();
  for (const auto& [step, loss] : report.valid_loss) best = std::min(best, loss);
  EXPECT_EQ(report.best_valid_loss, best);
  EXPECT_GT(report.valid_loss.back().second, best);
  Validator validator(*model, engine_, noise_, WindowsOf(noise_, model->config().series()), {});
  EXPECT_EQ(validator.Loss(model->weights()->data()), best);
}

TEST_P(Training, WithoutEarlyStoppingTheLastWeightsStay) {
  const auto model = Watched(-1);
  FitOptions options = OptionsOf(*model);
  options.validation_panel = &noise_;
  const FitReport report = Fit(*model, engine_, panel_, options, JobControl{});
  EXPECT_FALSE(report.stopped_early);
  EXPECT_EQ(report.steps, 60);
  Validator validator(*model, engine_, noise_, WindowsOf(noise_, model->config().series()), {});
  EXPECT_EQ(validator.Loss(model->weights()->data()), report.valid_loss.back().second);
}

// The last eight rows of every series, all with the same value, or without them.
Panel WithTail(Panel panel, double value) {
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    for (int64_t i = 1; i <= 8; ++i) {
      panel.y.Write(panel.offsets[static_cast<size_t>(s) + 1] - i, value);
    }
  }
  return panel;
}

Panel WithoutTail(const Panel& panel) {
  Panel shorter;
  std::vector<double> y;
  shorter.offsets = {0};
  for (size_t s = 0; s + 1 < panel.offsets.size(); ++s) {
    for (int64_t i = panel.offsets[s]; i < panel.offsets[s + 1] - 8; ++i) y.push_back(panel.y[i]);
    shorter.offsets.push_back(static_cast<int64_t>(y.size()));
  }
  shorter.y = Column(std::span<const double>(y), false);
  return shorter;
}

// To the training it is as if the held-out rows did not exist; to the validation they are all.
TEST_P(Training, HeldOutRowsAreNotTrainedOn) {
  const auto reference = TinyModel(entry());
  const std::vector<float> expected = FittedWeights(*reference, engine_, WithoutTail(panel_));
  std::vector<double> losses;
  for (double tail : {3.0, 300.0}) {
    const auto model = TinyModel(entry());
    FitOptions options = OptionsOf(*model);
    options.validation_size = 8;
    const FitReport report =
        Fit(*model, engine_, WithTail(ToyPanel(), tail), options, JobControl{});
    EXPECT_EQ(*model->weights(), expected);
    losses.push_back(report.best_valid_loss);
  }
  EXPECT_GT(losses[1], 10 * losses[0]);
}

TEST_P(Training, CancelledLeavesTheModelAsItWas) {
  const auto model = TinyModel(entry());
  JobControl control;
  control.on_progress = [&](const Progress& p) { control.cancelled = p.step == 3; };
  for (bool fitted : {false, true}) {
    if (fitted) model->SetWeights(model->InitialParameters());
    const auto before = model->weights();
    control.cancelled = false;
    try {
      Fit(*model, engine_, panel_, OptionsOf(*model), control);
      FAIL() << "not cancelled";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kAborted);
    }
    EXPECT_EQ(model->weights(), before);  // the same object
  }
}

// In the middle of a step too: the flag is asked for wherever work is shared out and between ops.
TEST_P(Training, CancelledWithinAStepLeavesTheModelAsItWas) {
  const auto model = TinyModel(entry());
  model->SetWeights(model->InitialParameters());
  const auto before = model->weights();
  std::atomic<bool> cancelled{false};
  const StopScope scope(&cancelled);
  JobControl control;  // never cancelled: only what looks deeper can stop this
  int64_t steps = 0;
  control.on_progress = [&](const Progress& p) {
    steps = p.step;
    cancelled = true;
  };
  try {
    Fit(*model, engine_, panel_, OptionsOf(*model), control);
    FAIL() << "not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAborted);
  }
  EXPECT_EQ(steps, 1);
  EXPECT_EQ(model->weights(), before);  // the same object
}

// What a training leaves behind that must diverge, and how many steps it did.
struct Wreck {
  std::unique_ptr<NeuralModel> model;
  int64_t steps = 0;

  // Without the states, which know the last batch whose loss was good.
  std::vector<float> Parameters(std::vector<float> slab) const {
    slab.resize(static_cast<size_t>(model->graph().trained_size));
    return slab;
  }
};

Wreck Diverge(const ModelEntry& entry, const Json::Object& overrides, Engine& engine,
              const Panel& panel) {
  Wreck wreck = {TinyModel(entry, overrides)};
  JobControl control;
  control.on_progress = [&](const Progress& p) { wreck.steps = p.step; };
  try {
    Fit(*wreck.model, engine, panel, OptionsOf(*wreck.model), control);
    ADD_FAILURE() << "did not diverge";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDiverged) << error.what();
    EXPECT_NE(std::string(error.what()).find("learningRate"), std::string::npos) << error.what();
  }
  return wreck;
}

TEST_P(TrainedWeights, DivergedKeepsTheLastGoodWeights) {
  Json::Object overrides = {{"optimizer", "sgd"},
                            {"loss", "MSE"},
                            {"learningRate", 1e3},
                            {"valCheckSteps", 1},
                            {"maxSteps", 1000}};
  const Wreck wreck = Diverge(entry(), overrides, engine_, panel_);
  // The loss of the last step done was finite, that of the weights after it was not.
  ASSERT_GE(wreck.steps, 1);
  EXPECT_TRUE(std::isfinite(LossOver(*wreck.model, engine_, panel_, *wreck.model->weights())));
  std::vector<float> expected = wreck.model->InitialParameters();
  if (wreck.steps > 1) {
    overrides.back().second = wreck.steps - 1;
    expected = FittedWeights(*TinyModel(entry(), overrides), engine_, panel_);
  }
  EXPECT_EQ(wreck.Parameters(*wreck.model->weights()), wreck.Parameters(expected));
}

// The last update is as able to diverge as any, though no step looks at its loss.
TEST_P(TrainedWeights, WeightsThatAreNotFiniteAreNoResult) {
  Panel panel = ToyPanel();
  // A slope of 1 / y, so that lr * slope overflows in the last layer of any model. Other rows keep
  // their size, because some models forecast in that of the lookback.
  for (int64_t i = 0; i < panel.num_rows(); i += 2) panel.y.Write(i, 1e-37);
  const Wreck wreck = Diverge(
      entry(), {{"optimizer", "sgd"}, {"loss", "MAPE"}, {"learningRate", 1e3}, {"maxSteps", 1}},
      engine_, panel);
  EXPECT_EQ(wreck.steps, 1);
  EXPECT_EQ(wreck.Parameters(*wreck.model->weights()),
            wreck.Parameters(wreck.model->InitialParameters()));
}

TEST_P(TrainedWeights, WarmStartGoesOnFromTheWeights) {
  const auto fresh = TinyModel(entry()), warm = TinyModel(entry());
  FitOptions options = OptionsOf(*warm);
  options.warm_start = true;
  const FitReport first = Fit(*warm, engine_, panel_, options, JobControl{});
  ExpectSameReport(first, Fit(*fresh, engine_, panel_, OptionsOf(*fresh), JobControl{}));
  const FitReport second = Fit(*warm, engine_, panel_, options, JobControl{});
  EXPECT_LT(second.train_loss.front(), first.train_loss.front());
  EXPECT_NE(*warm->weights(), *fresh->weights());
}

TEST_P(Training, EpochsCountPassesOverTheSeries) {
  const auto model = TinyModel(entry(), {{"epochs", 3}, {"batchSize", 2}});
  // ceil(3 series / 2) an epoch; of those that are forecast together, one.
  const int64_t expected = entry().multivariate ? 3 : 6;
  std::vector<int64_t> steps, all(static_cast<size_t>(expected));
  std::iota(all.begin(), all.end(), 1);
  JobControl control;
  control.on_progress = [&](const Progress& p) {
    steps.push_back(p.step);
    EXPECT_EQ(p.max_steps, expected);
    EXPECT_TRUE(std::isnan(p.valid_loss));
  };
  const FitReport report = Fit(*model, engine_, panel_, OptionsOf(*model), control);
  EXPECT_EQ(steps, all);
  EXPECT_EQ(report.steps, expected);
  EXPECT_TRUE(std::isnan(report.best_valid_loss));
}

NF_FOR_EVERY_MODEL(Training);
NF_FOR_LEARNING_MODELS(TrainedWeights);

}  // namespace
}  // namespace nf
