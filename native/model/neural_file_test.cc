// A neural model's file: what comes back forecasts the same bits.
#include "model/bundle.h"
#include "testing/predictor_fixture.h"

namespace nf {
namespace {

class NeuralFile : public PredictorTest {
 protected:
  Columns Forecast(Model& model, const Panel& panel) const {
    const auto ahead = Ahead(panel, kHorizon, 0);
    const size_t values = static_cast<size_t>(panel.num_series() * kHorizon);
    Columns columns(model.facts().columns.size(), std::vector<double>(values));
    PanelForecast ask{
        .panel = &panel, .horizon = kHorizon, .out = {columns.begin(), columns.end()}};
    if (model.facts().future_columns > 0) ask.ahead.assign(ahead.begin(), ahead.end());
    model.Forecast(ask, JobControl{});
    return columns;
  }
};

TEST_P(NeuralFile, KeepsEveryBit) {
  std::vector<Variant> variants = ExogenousLayouts(entry());
  variants.push_back({"revin, quantiles", {{"scalerType", "revin"}, {"loss", "MQLoss"}}});
  for (const Variant& variant : variants) {
    SCOPED_TRACE(variant.label);
    const auto model = MakeNeural(engine_, Fitted(variant.overrides, 9));
    const Model* const models[] = {model.get()};
    const Bundle bundle = DecodeBundle(EncodeBundle("{}", models, &panel_), engine_);
    EXPECT_EQ(Forecast(*bundle.models.at(0), *bundle.panel), Forecast(*model, panel_));
  }
}

NF_FOR_EVERY_MODEL(NeuralFile);

}  // namespace
}  // namespace nf
