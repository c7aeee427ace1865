// Models that are fitted to each series by itself: what the fit sees, says and refuses; nothing
// depends on threads.
#include <cmath>

#include "testing/local_fixture.h"
#include "util/error.h"

namespace nf {
namespace {

class LocalTraining : public EveryLocalModel {
 protected:
  static FitReport FitTo(Model& model, const Panel& panel, const FitOptions& options = {}) {
    return model.Fit(panel, options, JobControl{});
  }

  void ExpectFitError(Model& model, const Panel& panel, ErrorCode code,
                      const std::vector<std::string>& parts) {
    try {
      FitTo(model, panel);
      ADD_FAILURE() << "fitted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      for (const std::string& part : parts)
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
    EXPECT_FALSE(model.fitted());
  }
};

TEST_P(LocalTraining, ThreadsAndMemoryOptionsChangeNoBit) {
  const auto model = Make();
  const FitReport report = FitTo(*model, panel_);
  const EngineOptions others[] = {{.num_threads = 1, .pool = {}},
                                  {.num_threads = 7, .pool = {}},
                                  {.num_threads = 2, .low_memory = true, .pool = {}},
                                  {.num_threads = 2, .pool = {.enabled = false}}};
  for (const EngineOptions& options : others) {
    Engine engine(options);
    const auto other = Make(engine);
    const FitReport again = FitTo(*other, panel_);
    EXPECT_EQ(Learned(*other), Learned(*model));
    EXPECT_EQ(again.train_loss, report.train_loss);
  }
}

TEST_P(LocalTraining, OtherDataIsValidatedOnByItsEnd) {
  const Panel apart = Only(panel_, 1);
  FitOptions options;
  options.validation_panel = &apart;
  const auto model = Make(), same = Make();
  const FitReport report = FitTo(*model, Only(panel_, 0), options);
  FitOptions held;
  held.validation_size = kHorizon;
  EXPECT_EQ(report.best_valid_loss, FitTo(*same, apart, held).best_valid_loss);
}

TEST_P(LocalTraining, HeldOutAndMaskedRowsAreAsIfTheyWereNotThere) {
  FitOptions options;
  options.validation_size = 6;
  const auto model = Make();
  const FitReport report = FitTo(*model, panel_, options);
  ASSERT_EQ(report.valid_loss.size(), 1u);
  EXPECT_GT(report.best_valid_loss, 0);
  EXPECT_LT(report.best_valid_loss, 2);
  Panel masked = DailyPanel();
  masked.mask.assign(static_cast<size_t>(masked.num_rows()), 1);
  for (int64_t s = 0; s < masked.num_series(); ++s) {
    for (int64_t i = 1; i <= 6; ++i) {
      const int64_t row = masked.offsets[static_cast<size_t>(s) + 1] - i;
      masked.mask[static_cast<size_t>(row)] = 0;
      masked.y.Write(row, i % 2 == 0 ? std::nan("") : 1e9);
    }
  }
  const auto other = Make();
  FitTo(*other, masked);
  EXPECT_EQ(Learned(*other), Learned(*model));
}

TEST_P(LocalTraining, SeriesThatCannotBeFittedAreNamed) {
  Panel shorter = Only(panel_, 0).Tail(1);
  ExpectFitError(*Make(), shorter, ErrorCode::kSeriesTooShort, {entry().name, "series 0", "2"});
  Panel unseen = Only(panel_, 0);
  unseen.mask.assign(static_cast<size_t>(unseen.num_rows()), 0);
  unseen.mask[3] = 1;
  ExpectFitError(*Make(), unseen, ErrorCode::kSeriesTooShort, {"series 0"});
  ExpectFitError(*Make({{"futureExog", Json::Array{"none"}}}), panel_, ErrorCode::kMissingExog,
                 {"'none'"});
}

TEST_P(LocalTraining, OptionsAreItsOwn) {
  const std::string name = entry().name;
  const auto refused = [&](const Json::Object& options, ErrorCode code, const std::string& part) {
    try {
      Make(options);
      ADD_FAILURE() << part;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused({{"maxSteps", 5}}, ErrorCode::kInvalidArgType, name + " has no option 'maxSteps'");
  refused({{"loss", "MAE"}}, ErrorCode::kInvalidArgType, name + " has no option 'loss'");
  refused({{"futureExog", Json::Array{"a", "b", "a"}}}, ErrorCode::kOutOfRange,
          name + ".futureExog names 'a' twice");
}

TEST_P(LocalTraining, StopsWhenAsked) {
  const auto model = Make();
  JobControl control;
  control.cancelled = true;
  try {
    model->Fit(panel_, FitOptions{}, control);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAborted);
  }
  EXPECT_FALSE(model->fitted());
}

TEST_P(LocalTraining, ProgressCountsTheSeries) {
  const auto model = Make();
  JobControl control;
  std::vector<int64_t> steps;
  control.on_progress = [&](const Progress& p) {
    steps.push_back(p.step);
    EXPECT_EQ(p.max_steps, 3);
  };
  const FitReport report = model->Fit(panel_, FitOptions{}, control);
  EXPECT_EQ(steps, (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(report.steps, 3);
  EXPECT_EQ(report.train_loss.size(), 3u);
  EXPECT_TRUE(std::isnan(report.best_valid_loss));
}

NF_FOR_EVERY_LOCAL_MODEL(LocalTraining);

}  // namespace
}  // namespace nf
