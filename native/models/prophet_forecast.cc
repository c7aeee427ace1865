#include "models/prophet_forecast.h"

#include <algorithm>
#include <limits>
#include <numbers>

#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

// Uniform in (0, 1).
double Unit(uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

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
        design_(config, fit.yearly, fit.weekly, fit.daily, rows.units_per_day) {}

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

// Many futures of the growth curve, moved on step by step: memory does not depend on the horizon.
class Futures {
 public:
  Futures(uint64_t seed, size_t count, double rate, double size)
      : key_(StreamKey(seed, RngStream::kPaths)),
        rate_(rate),
        size_(size),
        next_(count),
        slope_(count, 0.0),
        offset_(count, 0.0),
        drawn_(count, 0),
        noise_(count) {
    for (size_t i = 0; i < count; ++i) {
      const auto words = Draw(i, 0);
      next_[i] = rate > 0 ? 1.0 - std::log(Unit(words[0])) / rate
                          : std::numeric_limits<double>::infinity();
      // Box and Muller (1958); the other half of the pair is not needed.
      noise_[i] = std::sqrt(-2.0 * std::log(Unit(words[1]))) *
                  std::cos(2.0 * std::numbers::pi * Unit(words[2]));
    }
  }

  size_t size() const { return next_.size(); }
  double noise(size_t i) const { return noise_[i]; }

  // What changes after the history add to the growth of future i at time t, which never falls from
  // call to call.
  double Deviation(size_t i, double t) {
    while (next_[i] <= t) Change(i);
    return slope_[i] * t + offset_[i];
  }

 private:
  std::array<uint32_t, 4> Draw(size_t i, uint32_t event) const {
    return Philox4x32({event, static_cast<uint32_t>(i), 0, 0}, key_);
  }

  void Change(size_t i) {
    const auto words = Draw(i, ++drawn_[i]);
    // Laplace: an exponential of either sign.
    const double size = -std::log(Unit(words[1])) * size_;
    const double delta = (words[2] & 1) != 0 ? size : -size;
    slope_[i] += delta;
    offset_[i] -= delta * next_[i];
    next_[i] -= std::log(Unit(words[0])) / rate_;
  }

  const std::array<uint32_t, 2> key_;
  const double rate_, size_;
  std::vector<double> next_;            // time of the change to come
  std::vector<double> slope_, offset_;  // deviation(t) = slope * t + offset
  std::vector<uint32_t> drawn_;
  std::vector<double> noise_;  // standard normal
};

// The quantile between the order statistics around it, on a line. Reorders x.
double Quantile(std::span<double> x, double q) {
  const double rank = q * static_cast<double>(x.size() - 1);
  const auto low = static_cast<size_t>(rank);
  std::nth_element(x.begin(), x.begin() + static_cast<ptrdiff_t>(low), x.end());
  const double share = rank - static_cast<double>(low), value = x[low];
  if (share == 0.0) return value;
  return value +
         share * (*std::min_element(x.begin() + static_cast<ptrdiff_t>(low) + 1, x.end()) - value);
}

}  // namespace

void ForecastProphet(const ModelConfig& model_config, std::span<const double> parameters,
                     const LocalRows& rows, const LocalForecast& forecast) {
  const auto& config = static_cast<const ProphetConfig&>(model_config);
  ProphetView fit;
  NF_CHECK(ProphetView::Read(parameters, fit));
  const Forecaster forecaster(config, fit, rows);
  const size_t outputs = forecast.quantiles.size();
  const bool simulates = std::any_of(forecast.quantiles.begin(), forecast.quantiles.end(),
                                     [](double q) { return q == q; });
  Futures futures(forecast.seed, simulates ? static_cast<size_t>(config.uncertainty_samples) : 0,
                  forecaster.change_rate(), forecaster.change_size());
  std::vector<double> values(futures.size());
  for (size_t i = 0; i < rows.days.size(); ++i) {
    if (forecast.control != nullptr) forecast.control->ThrowIfCancelled();
    const Step step = forecaster.At(static_cast<int64_t>(i));
    const double growth = forecaster.GrowthAt(step.t).At(step.t);
    if (simulates) {
      const double noise = forecaster.noise();
      for (size_t f = 0; f < values.size(); ++f) {
        values[f] = forecaster.Value(step, growth + futures.Deviation(f, step.t)) +
                    noise * futures.noise(f);
      }
    }
    for (size_t o = 0; o < outputs; ++o) {
      const double q = forecast.quantiles[o];
      forecast.out[o][i] = q == q ? Quantile(values, q) : forecaster.Value(step, growth);
    }
  }
}

}  // namespace nf
