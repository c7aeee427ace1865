#include "local/prophet/prophet.h"

#include <algorithm>

#include "local/prophet/forecast.h"
#include "local/prophet/series.h"

namespace nf {

LocalFit Prophet::Fit(const LocalRows& rows, std::span<const double> y,
                      const JobControl& control) const {
  const ProphetSeries series(config_, rows, y);
  return series.Write(series.Solve(control));
}

// Also that the counts are those of the configuration.
bool Prophet::Valid(std::span<const double> parameters) const {
  ProphetView view;
  if (!ProphetView::Read(parameters, view)) return false;
  const ProphetDesign design(config_, view.yearly, view.weekly, view.daily, 1.0);
  return design.columns() == static_cast<int64_t>(view.beta.size()) &&
         design.regressors() == static_cast<int64_t>(view.mean.size());
}

const ProphetDraws& Prophet::Draws() const {
  std::call_once(drawn_, [&] {
    draws_ = std::make_unique<const ProphetDraws>(seed_,
                                                  static_cast<size_t>(config_.uncertainty_samples));
  });
  return *draws_;
}

void Prophet::Forecast(std::span<const double> parameters, const LocalRows& rows,
                       const LocalForecast& forecast) const {
  const bool simulates = std::any_of(forecast.outputs.begin(), forecast.outputs.end(),
                                     [](const LocalOutput& output) { return output.has_value(); });
  ForecastProphet(config_, parameters, rows, simulates ? &Draws() : nullptr, forecast);
}

}  // namespace nf
