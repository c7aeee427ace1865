// How far a forecast goes, beyond the trained horizon and short of it, and what it is made from.
#include "testing/predictor_fixture.h"

namespace nf {
namespace {

class Horizons : public PredictorTest {};

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

// Horizon 4; eleven steps take rounds at 0, 4 and 8, the last one cut.
TEST_P(Horizons, ALongerHorizonRollsOverItsOwnForecasts) {
  const Json quantiles = Json::Object{{"name", "MQLoss"}, {"quantiles", Json::Array{0.9, 0.5}}};
  for (const Json& loss : {Json("MAE"), quantiles}) {
    const auto model = Fitted({{"scalerType", "standard"}, {"loss", loss}});
    if (model->config().feeds_back()) GTEST_SKIP() << "goes on from its state";
    Predictor predictor(*model, engine_);
    constexpr int64_t kLong = 11;
    const Columns all = PredictPanel(predictor, *model, panel_, kLong);
    const std::vector<double>& point = all[static_cast<size_t>(model->point_output())];
    for (const int64_t offset : {0, 4, 8}) {
      const Panel seen = Extended(panel_, point, offset);
      const Columns round = PredictPanel(predictor, *model, seen, kHorizon);
      for (size_t q = 0; q < all.size(); ++q) {
        for (int64_t s = 0; s < 3; ++s) {
          for (int64_t t = 0; t < std::min(kHorizon, kLong - offset); ++t) {
            EXPECT_EQ(all[q][static_cast<size_t>(s * kLong + offset + t)],
                      round[q][static_cast<size_t>(s * kHorizon + t)])
                << "output " << q << " series " << s << " step " << offset + t;
          }
        }
      }
    }
  }
}

TEST_P(Horizons, AShorterHorizonIsTheBeginning) {
  const auto model = Fitted();
  Predictor predictor(*model, engine_);
  const Columns all = PredictPanel(predictor, *model, panel_, kHorizon);
  ExpectBeginning(PredictPanel(predictor, *model, panel_, 2)[0], 2, all[0], kHorizon);
}

// The same weights serve any horizon: what a model of the longer one forecasts in one go.
TEST_P(Horizons, TheRecurrentFormGoesOnFromItsState) {
  const auto fields = FieldNames(*entry().make_config());
  if (std::find(fields.begin(), fields.end(), "recurrent") == fields.end()) {
    GTEST_SKIP() << "no such form";
  }
  for (const char* exog : {"staticExog", "futureExog"}) {
    const Json::Object options = {{"recurrent", true},
                                  {"scalerType", "robust"},
                                  {"loss", "MQLoss"},
                                  {exog, Json::Array{exog[0] == 's' ? "stat" : "fut"}}};
    const auto model = Fitted(options);
    Predictor predictor(*model, engine_);
    for (const int64_t steps : {11, 3, 6, 5, 9, 7, 11}) {
      Json::Object longer = options;
      longer.emplace_back("horizon", steps);
      const auto other = Fitted(longer);
      Predictor whole(*other, engine_);
      const auto ahead = Ahead(panel_, steps, 0);
      for (const auto scaler : {LocalScalerType::kNone, LocalScalerType::kStandard}) {
        for (const bool on_caller : {false, true}) {
          EXPECT_EQ(PredictPanel(predictor, *model, panel_, steps, scaler, on_caller, ahead),
                    PredictPanel(whole, *other, panel_, steps, scaler, on_caller, ahead))
              << steps;
        }
      }
    }
  }
}

// The last `rows` rows of every series of the panel.
Panel Short(const Panel& panel, int64_t rows) {
  Panel cut = panel.Tail(rows);
  cut.mask.assign(static_cast<size_t>(cut.num_rows()), 1);
  return cut;
}

TEST_P(Horizons, ALookbackThatIsTooShortIsAnError) {
  const auto model = Fitted(), padding = Fitted({{"startPadding", true}});
  Predictor predictor(*model, engine_), padded(*padding, engine_);
  Panel panel = panel_.Tail(kLookback - 1);
  EXPECT_EQ(PredictPanel(predictor, *model, panel_.Tail(kLookback), kHorizon),
            PredictPanel(predictor, *model, panel_, kHorizon));
  for (const int64_t horizon : {2, 4, 11}) {
    ExpectError(ErrorCode::kSeriesTooShort,
                model->alias() + ": series 0 has 11 of the 12 rows that a forecast needs " +
                    (model->config().feeds_back() ? "(inputSize and one more)" : "(inputSize)") +
                    ": give more history, or train with a smaller "
                    "inputSize or startPadding: true",
                [&] { PredictPanel(predictor, *model, panel, horizon); });
  }
  panel = Short(panel_, kLookback + 3);
  std::fill(panel.mask.begin() + (kLookback + 3) + 3, panel.mask.begin() + 2 * (kLookback + 3), 0);
  for (Predictor* either : {&predictor, &padded}) {
    ExpectError(ErrorCode::kSeriesTooShort, "series 1 has no observed value in the 12 rows",
                [&] { PredictPanel(*either, *model, panel, kHorizon); });
  }
}

// As in training: rows that are not there are rows that are not observed.
TEST_P(Horizons, StartPaddingIsRowsThatAreNotObserved) {
  for (const char* scaler : {"identity", "robust", "revin"}) {
    const auto model = Fitted({{"startPadding", true}, {"scalerType", scaler}});
    Predictor predictor(*model, engine_);
    for (const int64_t rows : {1, 7, 11}) {
      Panel masked = Short(panel_, kLookback);
      for (int64_t s = 0; s < 3; ++s) {
        for (int64_t i = s * kLookback; i < (s + 1) * kLookback - rows; ++i) {
          masked.mask[static_cast<size_t>(i)] = 0;
          masked.y.Write(i, 1e9);
        }
      }
      EXPECT_EQ(PredictPanel(predictor, *model, Short(panel_, rows), 11),
                PredictPanel(predictor, *model, masked, 11))
          << scaler << " " << rows;
    }
  }
}

NF_FOR_EVERY_MODEL(Horizons);

}  // namespace
}  // namespace nf
