// Prophet: trend with changepoints, seasonalities as Fourier series, holidays and regressors
// (Taylor and Letham, 2018). Fitted to each series by itself, at the mode of the library's
// posterior.
#include "models/prophet_forecast.h"
#include "models/prophet_series.h"
#include "models/registry.h"

namespace nf {
namespace {

LocalFit Fit(const ModelConfig& config, const LocalRows& rows, std::span<const double> y,
             const JobControl& control) {
  const ProphetSeries series(static_cast<const ProphetConfig&>(config), rows, y);
  return series.Write(series.Solve(control));
}

// Also that the counts are those of the configuration.
bool Valid(const ModelConfig& config, std::span<const double> parameters) {
  ProphetView view;
  if (!ProphetView::Read(parameters, view)) return false;
  const ProphetDesign design(static_cast<const ProphetConfig&>(config), view.yearly, view.weekly,
                             view.daily, 1.0);
  return design.columns() == static_cast<int64_t>(view.beta.size()) &&
         design.regressors() == static_cast<int64_t>(view.mean.size());
}

constexpr LocalMethod kMethod = {
    .fit = Fit, .valid = Valid, .prepare = PrepareProphet, .forecast = ForecastProphet};

}  // namespace

extern const ModelEntry kProphetModel = {
    .name = "Prophet",
    .doc = "Trend with changepoints, seasonalities and holidays, fitted to each series by itself.",
    .paper = "Taylor and Letham, 2018",
    .future_exog = true,
    .probabilistic = true,
    .make_config = MakeConfig<ProphetConfig>,
    .check = CheckProphet,
    .local = &kMethod,
};

}  // namespace nf
