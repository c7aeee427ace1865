// Forecasts of a fitted Prophet, and quantiles of its simulated futures.
#ifndef NF_LOCAL_PROPHET_FORECAST_H_
#define NF_LOCAL_PROPHET_FORECAST_H_

#include "local/prophet/design.h"
#include "local/prophet/futures.h"

namespace nf {

// LocalModel::Forecast. Futures: after the end of the history the trend goes on changing, as often
// (a Poisson process of S changes in the time of the history) and as much (Laplace, of the mean
// size of the fitted changes) as it did, and observations have noise. Draws belong to the seed and
// the number of the simulated future alone, so that a series has the same intervals in any batch.
//
// Only quantiles of single steps are asked for, so one draw of noise serves all steps of a future.
// Draws are the same for every series, in units that each scales by its own; null where the point
// forecast alone is asked for.
void ForecastProphet(const ProphetConfig& config, std::span<const double> parameters,
                     const LocalRows& rows, const ProphetDraws* draws,
                     const LocalForecast& forecast);

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_FORECAST_H_
