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

// What the futures of every series are made from: standard normal noise, and the changes to come as
// a Poisson process of rate 1 with Laplace sizes of scale 1.
class Draws {
 public:
  struct Change {
    double time = 0;  // after the begin of the process
    double size = 0;
  };

  Draws(uint64_t seed, size_t futures)
      : key_(StreamKey(seed, RngStream::kPaths)),
        kept_(std::min(kMostKept, kBudget / std::max<size_t>(futures, 1))),
        changes_(futures * kept_),
        noise_(futures) {
    for (size_t i = 0; i < futures; ++i) {
      // Box and Muller (1958); the other half of the pair is not needed.
      const auto words = Words(i, 0);
      noise_[i] = std::sqrt(-2.0 * std::log(Unit(words[0]))) *
                  std::cos(2.0 * std::numbers::pi * Unit(words[1]));
      Change change;
      for (size_t e = 0; e < kept_; ++e) changes_[i * kept_ + e] = change = Make(i, e, change.time);
    }
  }

  size_t futures() const { return noise_.size(); }
  std::span<const double> noise() const { return noise_; }

  // Change e of future i; `before` is the time of the one before it (e 0: 0).
  Change At(size_t i, size_t e, double before) const {
    return e < kept_ ? changes_[i * kept_ + e] : Make(i, e, before);
  }

 private:
  // Changes of a future that are kept: few histories are forecast so far that there are more. At
  // most 4 MB in all.
  static constexpr size_t kMostKept = 16, kBudget = size_t{1} << 18;

  std::array<uint32_t, 4> Words(size_t i, size_t event) const {
    return Philox4x32({static_cast<uint32_t>(event), static_cast<uint32_t>(i), 0, 0}, key_);
  }

  Change Make(size_t i, size_t e, double before) const {
    const auto words = Words(i, e + 1);
    const double size = -std::log(Unit(words[1]));  // Laplace: an exponential of either sign
    return {before - std::log(Unit(words[0])), (words[2] & 1) != 0 ? size : -size};
  }

  const std::array<uint32_t, 2> key_;
  const size_t kept_;
  std::vector<Change> changes_;  // [futures, kept]
  std::vector<double> noise_;
};

// Many futures of the growth curve, moved on step by step: memory does not depend on the horizon.
class Futures {
 public:
  // Changes come at `rate` after time 1, and are of this mean size.
  Futures(const Draws& draws, size_t count, double rate, double size)
      : draws_(draws),
        rate_(rate),
        size_(size),
        next_(count, std::numeric_limits<double>::infinity()),
        slope_(count, 0.0),
        offset_(count, 0.0),
        coming_(count),
        drawn_(count, 0) {
    for (size_t i = 0; rate > 0 && i < count; ++i) Await(i, 0.0);
  }

  // What changes after the history add to the growth of every future at time t, which never falls
  // from call to call.
  void Deviations(double t, std::span<double> out) {
    for (size_t i = 0; i < next_.size(); ++i)
      while (next_[i] <= t) Pass(i);
    for (size_t i = 0; i < next_.size(); ++i) out[i] = slope_[i] * t + offset_[i];
  }

 private:
  void Pass(size_t i) {
    const Draws::Change change = coming_[i];
    const double delta = change.size * size_;
    slope_[i] += delta;
    offset_[i] -= delta * next_[i];
    Await(i, change.time);
  }

  void Await(size_t i, double before) {
    coming_[i] = draws_.At(i, drawn_[i]++, before);
    next_[i] = 1.0 + coming_[i].time / rate_;
  }

  const Draws& draws_;
  const double rate_, size_;
  std::vector<double> next_;            // time of the change to come
  std::vector<double> slope_, offset_;  // deviation(t) = slope * t + offset
  std::vector<Draws::Change> coming_;
  std::vector<uint32_t> drawn_;
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

std::shared_ptr<const void> PrepareProphet(const ModelConfig& config, uint64_t seed) {
  return std::make_shared<const Draws>(
      seed, static_cast<size_t>(static_cast<const ProphetConfig&>(config).uncertainty_samples));
}

void ForecastProphet(const ModelConfig& model_config, std::span<const double> parameters,
                     const LocalRows& rows, const LocalForecast& forecast) {
  const auto& config = static_cast<const ProphetConfig&>(model_config);
  ProphetView fit;
  NF_CHECK(ProphetView::Read(parameters, fit));
  const Forecaster forecaster(config, fit, rows);
  const bool simulates = std::any_of(forecast.quantiles.begin(), forecast.quantiles.end(),
                                     [](double q) { return q == q; });
  const Draws none(0, 0);
  const Draws& draws =
      forecast.prepared != nullptr ? *static_cast<const Draws*>(forecast.prepared) : none;
  NF_CHECK(!simulates || draws.futures() > 0);
  const size_t count = simulates ? draws.futures() : 0;
  Futures futures(draws, count, forecaster.change_rate(), forecaster.change_size());
  std::vector<Quantile> quantiles;
  for (double q : forecast.quantiles) quantiles.emplace_back(q == q ? q : 0.0, count);
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
      const bool is_point = forecast.quantiles[o] != forecast.quantiles[o];
      forecast.out[o][i] = is_point ? point : quantiles[o].Of(values, point, forecaster.noise());
    }
  }
}

}  // namespace nf
