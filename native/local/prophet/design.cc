#include "local/prophet/design.h"

#include <algorithm>
#include <tuple>

#include "util/error.h"

namespace nf {
namespace {

constexpr double kYear = 365.25, kWeek = 7.0, kDay = 1.0;
constexpr int64_t kMostColumns = 1 << 20;  // what a count in a file may be at most
constexpr double kMostDays = 1e12;         // from day 0; their whole numbers are exact

size_t ColumnOf(const ProphetConfig& c, const std::string& name) {
  return static_cast<size_t>(std::find(c.future_exog.begin(), c.future_exog.end(), name) -
                             c.future_exog.begin());
}

// A count that was written as a number; -1: it is none.
int64_t Count(double v) {
  return v >= 0 && v <= kMostColumns && v == std::floor(v) ? static_cast<int64_t>(v) : -1;
}

}  // namespace

bool ProphetView::Read(std::span<const double> row, ProphetView& v) {
  if (row.size() < kHead) return false;
  for (double number : row)
    if (!std::isfinite(number)) return false;
  v.start = row[0], v.t_scale = row[1], v.y_scale = row[2], v.y_min = row[3];
  v.yearly = Count(row[4]), v.weekly = Count(row[5]), v.daily = Count(row[6]);
  const int64_t S = Count(row[7]), K = Count(row[8]), R = Count(row[9]);
  v.k = row[10], v.m = row[11], v.sigma = row[12];
  if (v.yearly < 0 || v.weekly < 0 || v.daily < 0 || S < 1 || K < 0 || R < 0) return false;
  if (std::abs(v.start) > kMostDays || !(v.t_scale > 0 && v.t_scale <= 2 * kMostDays)) return false;
  if (!(v.y_scale > 0) || !(v.sigma >= 0)) return false;
  if (row.size() != kHead + static_cast<size_t>(2 * S + K + 2 * R)) return false;
  std::span<const double> rest = row.subspan(kHead);
  auto take = [&](int64_t count) {
    const auto part = rest.first(static_cast<size_t>(count));
    rest = rest.subspan(static_cast<size_t>(count));
    return part;
  };
  v.changes = take(S);
  v.delta = take(S);
  v.beta = take(K);
  v.mean = take(R);
  v.spread = take(R);
  if (!std::is_sorted(v.changes.begin(), v.changes.end())) return false;
  if (v.changes.front() < 0 || v.changes.back() > 1) return false;
  return std::all_of(v.spread.begin(), v.spread.end(), [](double s) { return s > 0; });
}

std::vector<double> ProphetView::Write() const {
  const auto number = [](auto count) { return static_cast<double>(count); };
  std::vector<double> row = {start,
                             t_scale,
                             y_scale,
                             y_min,
                             number(yearly),
                             number(weekly),
                             number(daily),
                             number(delta.size()),
                             number(beta.size()),
                             number(mean.size()),
                             k,
                             m,
                             sigma};
  for (const auto& part : {changes, delta, beta, mean, spread})
    row.insert(row.end(), part.begin(), part.end());
  return row;
}

ProphetDesign::ProphetDesign(const ProphetConfig& c, int64_t yearly, int64_t weekly, int64_t daily,
                             double units_per_day) {
  for (const ProphetSeasonality& s : c.seasonalities.items) {
    Add({.name = "seasonality '" + s.name + "'",
         .count = 2 * s.fourier_order,
         .prior_scale = s.prior_scale.value_or(c.seasonality_prior_scale),
         .multiplicative = c.multiplicative(s.mode),
         .period = s.period});
  }
  const std::tuple<const char*, double, int64_t> built_in[] = {{"yearlySeasonality", kYear, yearly},
                                                               {"weeklySeasonality", kWeek, weekly},
                                                               {"dailySeasonality", kDay, daily}};
  for (const auto& [name, period, order] : built_in) {
    if (order == 0) continue;
    Add({.name = name,
         .count = 2 * order,
         .prior_scale = c.seasonality_prior_scale,
         .multiplicative = c.multiplicative("auto"),
         .period = period});
  }
  for (const ProphetHoliday& h : c.holidays.items) {
    ProphetBlock block{.kind = ProphetBlock::Kind::kHoliday,
                       .name = "holiday '" + h.name + "'",
                       .count = h.upper_window - h.lower_window + 1,
                       .prior_scale = h.prior_scale.value_or(c.holidays_prior_scale),
                       .multiplicative = c.multiplicative(c.holidays_mode),
                       .lower = h.lower_window,
                       .upper = h.upper_window};
    for (double time : h.ds) {
      const double day = std::floor(time / units_per_day);
      if (std::abs(day) <= kMostDays) block.dates.push_back(static_cast<int64_t>(day));
    }
    std::sort(block.dates.begin(), block.dates.end());
    block.dates.erase(std::unique(block.dates.begin(), block.dates.end()), block.dates.end());
    Add(std::move(block));
  }
  for (size_t i = 0; i < c.future_exog.size(); ++i) {
    const std::string& name = c.future_exog[i];
    if (name == c.cap_column || name == c.floor_column) continue;
    ProphetRegressor use;
    for (const ProphetRegressor& r : c.regressors.items)
      if (r.name == name) use = r;
    Add({.kind = ProphetBlock::Kind::kRegressor,
         .name = "regressor '" + name + "'",
         .count = 1,
         .prior_scale = use.prior_scale.value_or(c.holidays_prior_scale),
         .multiplicative = c.multiplicative(use.mode),
         .column = static_cast<int64_t>(i),
         .index = regressors_++});
  }
}

void ProphetDesign::Add(ProphetBlock block) {
  block.first = columns_;
  columns_ += block.count;
  blocks_.push_back(std::move(block));
}

double ProphetCap(const ProphetConfig& c, const LocalRows& rows, int64_t i) {
  if (c.cap_column.empty()) return *c.cap;
  return rows.columns[ColumnOf(c, c.cap_column)][static_cast<size_t>(i)];
}

double ProphetFloor(const ProphetConfig& c, const LocalRows& rows, int64_t i, double y_min) {
  if (!c.floor_column.empty())
    return rows.columns[ColumnOf(c, c.floor_column)][static_cast<size_t>(i)];
  if (c.floor) return *c.floor;
  return c.scaling == "minmax" ? y_min : 0.0;
}

void CheckTimes(const LocalRows& rows) {
  for (double days : rows.days) {
    if (!(std::abs(days) <= kMostDays))
      Fail(ErrorCode::kOutOfRange,
           rows.name + ": a time lies more than 1e12 days from day 0; Prophet counts no further");
  }
}

}  // namespace nf
