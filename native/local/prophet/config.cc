#include "local/prophet/config.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "util/error.h"

namespace nf {
namespace {

const std::vector<std::string> kModes = {"auto", "additive", "multiplicative"};

FieldSpec PriorScale(const char* doc) {
  return {.doc = doc, .min = 0, .max = 1e9, .min_exclusive = true};
}

FieldSpec Order(const char* doc) { return {.doc = doc, .min = 0, .max = 1000}; }

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void CheckColumn(const ProphetConfig& c, const std::string& name, const std::string& path) {
  if (name.empty() || Contains(c.future_exog, name)) return;
  Fail(ErrorCode::kOutOfRange, path + ": '" + name +
                                   "' must be one of the columns of futureExog, so that it is "
                                   "known over the horizon too");
}

void CheckGrowth(const ProphetConfig& c, const std::string& path) {
  const bool cap = c.cap || !c.cap_column.empty();
  if (c.logistic() && !cap) {
    Fail(ErrorCode::kOutOfRange,
         path + ".growth: 'logistic' needs the level that growth ends at: give cap, or capColumn");
  }
  if (!c.logistic() && (cap || c.has_floor())) {
    Fail(ErrorCode::kOutOfRange, path + ".growth: '" + c.growth +
                                     "' has no cap or floor; leave them out or ask for " +
                                     "growth: 'logistic'");
  }
  if (c.cap && !c.cap_column.empty())
    Fail(ErrorCode::kOutOfRange, path + ": give cap or capColumn, not both");
  if (c.floor && !c.floor_column.empty())
    Fail(ErrorCode::kOutOfRange, path + ": give floor or floorColumn, not both");
  if (c.cap && c.floor_column.empty() && *c.cap <= c.floor.value_or(0.0)) {
    if (c.scaling == "absmax" || c.floor)
      Fail(ErrorCode::kOutOfRange, path + ".cap must be greater than floor (0 by default)");
  }
  CheckColumn(c, c.cap_column, path + ".capColumn");
  CheckColumn(c, c.floor_column, path + ".floorColumn");
}

// Each name once over all components, and not one of those that exist already.
void CheckNames(const ProphetConfig& c, const std::string& path) {
  std::set<std::string> seen;
  auto add = [&](const std::string& name, const std::string& where) {
    if (name.empty()) Fail(ErrorCode::kOutOfRange, where + ".name must not be empty");
    if (!seen.insert(name).second)
      Fail(ErrorCode::kOutOfRange, where + ".name: '" + name + "' is taken already");
  };
  for (size_t i = 0; i < c.seasonalities.size(); ++i)
    add(c.seasonalities.items[i].name, path + ".seasonalities[" + std::to_string(i) + "]");
  const std::pair<const char*, const AutoCount*> built_in[] = {
      {"yearly", &c.yearly}, {"weekly", &c.weekly}, {"daily", &c.daily}};
  for (const auto& [name, count] : built_in) {
    if (count->value != AutoCount::kAuto && count->value != 0 && seen.count(name) != 0) {
      Fail(ErrorCode::kOutOfRange, path + "." + name +
                                       "Seasonality is on and seasonalities has a " + "'" + name +
                                       "' too; leave one of them out");
    }
  }
  for (size_t i = 0; i < c.holidays.size(); ++i)
    add(c.holidays.items[i].name, path + ".holidays[" + std::to_string(i) + "]");
  for (size_t i = 0; i < c.regressors.size(); ++i) {
    const std::string where = path + ".regressors[" + std::to_string(i) + "]";
    const std::string& name = c.regressors.items[i].name;
    add(name, where);
    CheckColumn(c, name, where + ".name");
    if (name == c.cap_column || name == c.floor_column)
      Fail(ErrorCode::kOutOfRange, where + ".name: '" + name + "' is the cap or floor already");
  }
}

}  // namespace

void ProphetSeasonality::VisitFields(FieldVisitor& v) {
  v.Visit("name", name, {.doc = "Its name.", .required = true});
  v.Visit("period", period,
          {.doc = "Its period in days.",
           .required = true,
           .min = 0,
           .max = 1e9,
           .min_exclusive = true});
  v.Visit("fourierOrder", fourier_order,
          {.doc = "Harmonics: two columns each.", .required = true, .min = 1, .max = 1000});
  v.Visit("priorScale", prior_scale,
          PriorScale("Scale of its normal prior; default: seasonalityPriorScale."));
  v.Visit("mode", mode, {.doc = "'auto': seasonalityMode.", .choices = kModes});
}

void ProphetHoliday::VisitFields(FieldVisitor& v) {
  v.Visit("name", name, {.doc = "Its name.", .required = true});
  v.Visit("ds", ds,
          {.doc = "Its dates, in the history and ahead.", .required = true, .time = true});
  v.Visit("lowerWindow", lower_window,
          {.doc = "Days before each date that have an effect of their own: -1 is the day before.",
           .min = -366,
           .max = 0});
  v.Visit("upperWindow", upper_window, {.doc = "Days after each date.", .min = 0, .max = 366});
  v.Visit("priorScale", prior_scale,
          PriorScale("Scale of its normal prior; default: holidaysPriorScale."));
}

void ProphetRegressor::VisitFields(FieldVisitor& v) {
  v.Visit("name", name, {.doc = "A column of futureExog.", .required = true});
  v.Visit("priorScale", prior_scale,
          PriorScale("Scale of its normal prior; default: holidaysPriorScale."));
  v.Visit("standardize", standardize,
          {.doc = "'auto': unless it holds 0 and 1 alone.", .choices = {"auto", "yes", "no"}});
  v.Visit("mode", mode, {.doc = "'auto': seasonalityMode.", .choices = kModes});
}

void ProphetConfig::VisitFields(FieldVisitor& v) {
  LocalModelConfig::VisitFields(v);
  v.Visit("growth", growth, {.doc = "The trend.", .choices = {"linear", "logistic", "flat"}});
  v.Visit("cap", cap, {.doc = "'logistic': the level that growth ends at."});
  v.Visit("capColumn", cap_column, {.doc = "'logistic': the column of futureExog that holds it."});
  v.Visit("floor", floor, {.doc = "'logistic': the level that growth begins at; default 0."});
  v.Visit("floorColumn", floor_column, {.doc = "The column of futureExog that holds it."});
  v.Visit("changepoints", changepoints,
          {.doc = "Times at which the trend may change; default: nChangepoints of them, evenly "
                  "spread over the rows.",
           .time = true});
  v.Visit("nChangepoints", n_changepoints,
          {.doc = "Times at which the trend may change.", .min = 0, .max = 1000});
  v.Visit("changepointRange", changepoint_range,
          {.doc = "Share of the history, from its begin, that they are spread over.",
           .min = 0,
           .max = 1});
  v.Visit("changepointPriorScale", changepoint_prior_scale,
          PriorScale("Scale of the Laplace prior of the changes: how bendable the trend is."));
  v.Visit(
      "yearlySeasonality", yearly,
      Order("'auto': from two years on; true: 10 harmonics; or their count. On less than a year "
            "the trend could be the same: the fit's report warns."));
  v.Visit("weeklySeasonality", weekly,
          Order("'auto': from two weeks of less than weekly rows on; true: 3 harmonics; or their "
                "count."));
  v.Visit("dailySeasonality", daily,
          Order("'auto': from two days of less than daily rows on; true: 4 harmonics; or their "
                "count."));
  v.Visit("seasonalities", seasonalities,
          {.doc = "More of them, of any period.", .item = "Seasonality"});
  v.Visit("seasonalityMode", seasonality_mode,
          {.doc = "Whether seasonality adds to the trend or is a share of it.",
           .choices = {"additive", "multiplicative"}});
  v.Visit("seasonalityPriorScale", seasonality_prior_scale,
          PriorScale("Scale of the normal prior of the seasonalities."));
  v.Visit("holidays", holidays,
          {.doc = "Recurring events. One that the history does not show has no effect: the fit's "
                  "report warns.",
           .item = "Holiday"});
  v.Visit("holidaysMode", holidays_mode, {.doc = "'auto': seasonalityMode.", .choices = kModes});
  v.Visit("holidaysPriorScale", holidays_prior_scale,
          PriorScale("Scale of the normal prior of holidays and of regressors."));
  v.Visit(
      "regressors", regressors,
      {.doc = "How columns of futureExog are used, where not by default. One that is the same in "
              "every row has no effect: the fit's report warns.",
       .item = "Regressor"});
  v.Visit("scaling", scaling,
          {.doc = "What y is divided by: its largest size, or its range after the least is taken "
                  "off.",
           .choices = {"absmax", "minmax"}});
  v.Visit("uncertaintySamples", uncertainty_samples,
          {.doc = "Simulated futures that intervals are quantiles of; 0: no intervals.",
           .min = 0,
           .max = 1e6});
  v.Visit("intervalWidth", interval_width,
          {.doc = "The interval that predict() gives when no level is asked for.",
           .min = 0,
           .max = 0.9999,
           .min_exclusive = true});
}

std::vector<double> ProphetConfig::Levels() const {
  if (uncertainty_samples == 0) return {};
  return {std::round(interval_width * 1e10) / 1e8};  // 0.55 is 55, not 55.00000000000001
}

void ProphetConfig::Check(const std::string& path) const {
  CheckGrowth(*this, path);
  CheckNames(*this, path);
}

}  // namespace nf
