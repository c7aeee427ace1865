#include "local/prophet/forecast.h"

#include <algorithm>

#include "util/error.h"

namespace nf {
namespace {

double Logistic(double u) { return 1.0 / (1.0 + std::exp(-u)); }

// The growth curve before the cap: its value and its rate at a time, bent at each change.
struct Growth {
  double rate = 0, offset = 0;  // value(t) = rate * t + offset
  double At(double t) const { return rate * t + offset; }
};

// One step of the forecast.
struct Step {
  double t = 0;                    // scaled time
  double cap = 0, floor = 0;       // in the units of y
  double factor = 1.0, added = 0;  // forecast = trend * factor + added
};

class Forecaster {
 public:
  Forecaster(const ProphetConfig& config, const ProphetView& fit, const LocalRows& rows)
      : config_(config),
        fit_(fit),
        rows_(rows),
        design_(config, fit.yearly, fit.weekly, fit.daily, rows.units_per_day) {
    CheckTimes(rows);
  }

  Step At(int64_t i) const {
    Step step;
    step.t = (rows_.days[static_cast<size_t>(i)] - fit_.start) / fit_.t_scale;
    step.floor = ProphetFloor(config_, rows_, i, fit_.y_min);
    if (config_.logistic()) {
      step.cap = ProphetCap(config_, rows_, i);
      if (!(step.cap > step.floor))
        Fail(ErrorCode::kOutOfRange,
             rows_.name + ": cap must be greater than floor; at step " + std::to_string(i + 1) +
                 " they are " + std::to_string(step.cap) + " and " + std::to_string(step.floor));
    }
    double added = 0;
    design_.Row(rows_, i, fit_.mean, fit_.spread,
                [&](const ProphetBlock& block, int64_t column, double value) {
                  const double effect = fit_.beta[static_cast<size_t>(column)] * value;
                  (block.multiplicative ? step.factor : added) += effect;
                });
    step.added = added * fit_.y_scale;
    return step;
  }

  // The fitted growth at time t, with the changes up to it.
  Growth GrowthAt(double t) const {
    if (config_.flat()) return {0.0, fit_.m};
    Growth g{fit_.k, config_.logistic() ? -fit_.k * fit_.m : fit_.m};
    for (size_t j = 0; j < fit_.changes.size() && fit_.changes[j] <= t; ++j) {
      g.rate += fit_.delta[j];
      g.offset -= fit_.delta[j] * fit_.changes[j];
    }
    return g;
  }

  // The forecast at a step whose growth curve has this value.
  double Value(const Step& step, double growth) const {
    const double trend = config_.logistic()
                             ? (step.cap - step.floor) * Logistic(growth) + step.floor
                             : growth * fit_.y_scale + step.floor;
    return trend * step.factor + step.added;
  }

  // The same for every future: `values` holds how its growth deviates, and then its observation.
  void Values(const Step& step, double growth, std::span<const double> normal,
              std::span<double> values) const {
    const double sigma = noise();
    if (config_.logistic()) {
      for (size_t f = 0; f < values.size(); ++f)
        values[f] = Value(step, growth + values[f]) + sigma * normal[f];
      return;
    }
    const double point = Value(step, growth), scale = fit_.y_scale * step.factor;
    for (size_t f = 0; f < values.size(); ++f)
      values[f] = point + scale * values[f] + sigma * normal[f];
  }

  // Changes in a unit of scaled time, and their mean size.
  double change_rate() const {
    return config_.flat() ? 0.0 : static_cast<double>(fit_.changes.size());
  }
  double change_size() const {
    double sum = 0;
    for (double d : fit_.delta) sum += std::abs(d);
    return sum / static_cast<double>(fit_.delta.size()) + 1e-8;
  }
  double noise() const { return fit_.sigma * fit_.y_scale; }

 private:
  const ProphetConfig& config_;
  const ProphetView& fit_;
  const LocalRows& rows_;
  const ProphetDesign design_;
};

// One quantile of the values of step after step, between the order statistics around it on a line.
// It moves little from step to step, so those far from the last one are only counted; where that
// fails, all are ordered. The result is the same.
class Quantile {
 public:
  Quantile(double q, size_t count)
      : rank_(q * static_cast<double>(std::max<size_t>(count, 1) - 1)), some_(count) {}

  // point: a value that moves as the quantile does; width: about how wide the values lie.
  double Of(std::span<const double> values, double point, double width) {
    const auto low = static_cast<size_t>(rank_);
    const size_t need = low + (rank_ > static_cast<double>(low) ? 1 : 0);  // the order statistics
    const double centre = point + offset_, reach = 0.15 * std::max(width, std::abs(offset_));
    size_t below = 0, count = 0;
    for (const double v : values) {
      below += v < centre - reach;
      some_[count] = v;
      count += std::abs(v - centre) <= reach;
    }
    if (below > low || need >= below + count) {
      std::copy(values.begin(), values.end(), some_.begin());
      below = 0;
      count = values.size();
    }
    const double value = Select(low - below, count);
    offset_ = value - point;
    return value;
  }

 private:
  double Select(size_t at, size_t count) {
    const auto begin = some_.begin(), end = begin + static_cast<ptrdiff_t>(count);
    const auto nth = begin + static_cast<ptrdiff_t>(at);
    std::nth_element(begin, nth, end);
    const double share = rank_ - std::floor(rank_), value = *nth;
    return share == 0.0 ? value : value + share * (*std::min_element(nth + 1, end) - value);
  }

  const double rank_;
  std::vector<double> some_;
  double offset_ = 0;  // of the last quantile from its point
};

}  // namespace

void ForecastProphet(const ProphetConfig& config, std::span<const double> parameters,
                     const LocalRows& rows, const ProphetDraws* given,
                     const LocalForecast& forecast) {
  ProphetView fit;
  NF_CHECK(ProphetView::Read(parameters, fit));
  const Forecaster forecaster(config, fit, rows);
  const bool simulates = given != nullptr;
  const ProphetDraws none(0, 0);
  const ProphetDraws& draws = simulates ? *given : none;
  const size_t count = draws.futures();
  NF_CHECK(simulates == (count > 0));
  ProphetFutures futures(draws, count, forecaster.change_rate(), forecaster.change_size());
  std::vector<Quantile> quantiles;
  for (const LocalOutput& output : forecast.outputs)
    quantiles.emplace_back(output.value_or(0.0), count);
  std::vector<double> values(count);
  for (size_t i = 0; i < rows.days.size(); ++i) {
    if (forecast.control != nullptr) forecast.control->ThrowIfCancelled();
    const Step step = forecaster.At(static_cast<int64_t>(i));
    const double growth = forecaster.GrowthAt(step.t).At(step.t);
    const double point = forecaster.Value(step, growth);
    if (simulates) {
      futures.Deviations(step.t, values);
      forecaster.Values(step, growth, draws.noise(), values);
    }
    for (size_t o = 0; o < quantiles.size(); ++o) {
      forecast.out[o][i] =
          forecast.outputs[o] ? quantiles[o].Of(values, point, forecaster.noise()) : point;
    }
  }
}

}  // namespace nf
