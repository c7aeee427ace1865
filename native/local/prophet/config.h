// Options of Prophet, under the library's names in camelCase and with its defaults.
#ifndef NF_LOCAL_PROPHET_CONFIG_H_
#define NF_LOCAL_PROPHET_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

#include "local/local_model.h"

namespace nf {

// A seasonality of one's own: a Fourier series of `fourier_order` harmonics of `period` days.
struct ProphetSeasonality : Fields {
  std::string name;
  double period = 0.0;
  int64_t fourier_order = 0;
  std::optional<double> prior_scale;
  std::string mode = "auto";

  void VisitFields(FieldVisitor& v) override;
};

// A recurring event: its dates, and the days around each of them that have an effect of their own.
struct ProphetHoliday : Fields {
  std::string name;
  std::vector<double> ds;
  int64_t lower_window = 0, upper_window = 0;
  std::optional<double> prior_scale;

  void VisitFields(FieldVisitor& v) override;
};

// How a column of futureExog is used; those that are not named here have the defaults.
struct ProphetRegressor : Fields {
  std::string name;
  std::optional<double> prior_scale;
  std::string standardize = "auto";
  std::string mode = "auto";

  void VisitFields(FieldVisitor& v) override;
};

struct ProphetConfig : LocalModelConfig {
  std::string growth = "linear";
  std::optional<double> cap, floor;
  std::string cap_column, floor_column;
  std::vector<double> changepoints;
  int64_t n_changepoints = 25;
  double changepoint_range = 0.8;
  double changepoint_prior_scale = 0.05;
  AutoCount yearly, weekly, daily;
  ListOf<ProphetSeasonality> seasonalities;
  std::string seasonality_mode = "additive";
  double seasonality_prior_scale = 10.0;
  ListOf<ProphetHoliday> holidays;
  std::string holidays_mode = "auto";
  double holidays_prior_scale = 10.0;
  ListOf<ProphetRegressor> regressors;
  std::string scaling = "absmax";
  int64_t uncertainty_samples = 1000;
  double interval_width = 0.8;

  void VisitFields(FieldVisitor& v) override;
  // What ranges cannot say; throws kOutOfRange.
  void Check(const std::string& path) const;
  // The intervals that a forecast has when none is asked for, in percent.
  std::vector<double> Levels() const;

  bool logistic() const { return growth == "logistic"; }
  bool flat() const { return growth == "flat"; }
  bool has_floor() const { return floor.has_value() || !floor_column.empty(); }
  // "auto" is the mode of the seasonalities.
  bool multiplicative(const std::string& mode) const {
    return (mode == "auto" ? seasonality_mode : mode) == "multiplicative";
  }
};

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_CONFIG_H_
