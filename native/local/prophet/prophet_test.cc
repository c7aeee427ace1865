// Rows of fitted parameters as they may come from a damaged file.
#include "local/prophet/prophet.h"

#include <gtest/gtest.h>

#include <limits>

#include "local/prophet/design.h"
#include "util/error.h"

namespace nf {
namespace {

class ProphetParameters : public ::testing::Test {
 protected:
  ProphetParameters() {
    prophet_.config().future_exog = {"x"};
    for (int i = 0; i < 30; ++i) {
      days_.push_back(19000 + i);
      y_.push_back(5 + i % 7);
      x_.push_back(i % 3);
    }
    rows_ = {.days = days_, .columns = {x_}, .name = "series 'a'"};
    fitted_ = prophet_.Fit(rows_, y_, JobControl{}).parameters;
  }

  bool ValidWith(size_t at, double value) const {
    std::vector<double> row = fitted_;
    row[at] = value;
    return prophet_.Valid(row);
  }

  Prophet prophet_{1};
  std::vector<double> days_, y_, x_;
  LocalRows rows_;
  std::vector<double> fitted_;
};

TEST_F(ProphetParameters, AreBounded) {
  EXPECT_TRUE(prophet_.Valid(fitted_));
  for (size_t i = 0; i < fitted_.size(); ++i) {
    EXPECT_FALSE(ValidWith(i, std::numeric_limits<double>::quiet_NaN())) << i;
    EXPECT_FALSE(ValidWith(i, std::numeric_limits<double>::infinity())) << i;
  }
  for (size_t count : {4, 5, 6, 7, 8, 9}) {  // yearly, weekly, daily, S, K, R
    EXPECT_FALSE(ValidWith(count, fitted_[count] + 1)) << count;
    EXPECT_FALSE(ValidWith(count, -1)) << count;
    EXPECT_FALSE(ValidWith(count, 1e15)) << count;
    EXPECT_FALSE(ValidWith(count, 0.5)) << count;
  }
  EXPECT_FALSE(ValidWith(0, 1e13));                    // start
  EXPECT_FALSE(ValidWith(1, 0));                       // t_scale
  EXPECT_FALSE(ValidWith(1, 1e13));                    //
  EXPECT_FALSE(ValidWith(2, 0));                       // y_scale
  EXPECT_FALSE(ValidWith(12, -1));                     // sigma
  EXPECT_FALSE(ValidWith(ProphetView::kHead, 2));      // a change after the end
  EXPECT_FALSE(ValidWith(ProphetView::kHead + 1, 0));  // changes out of order
  EXPECT_FALSE(ValidWith(fitted_.size() - 1, 0));      // spread
  EXPECT_FALSE(prophet_.Valid(std::span(fitted_).first(fitted_.size() - 1)));
}

TEST_F(ProphetParameters, TimesThatCannotBeCountedAreAnError) {
  const LocalOutput point;
  for (double day : {1e13, -1e300, std::numeric_limits<double>::quiet_NaN()}) {
    const std::vector<double> days = {day}, x = {0};
    std::vector<double> value(1);
    std::span<double> out(value);
    try {
      prophet_.Forecast(fitted_, {.days = days, .columns = {x}, .name = "series 'a'"},
                        {.outputs = {&point, 1}, .out = {&out, 1}});
      FAIL() << day;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
      EXPECT_NE(std::string(error.what()).find("series 'a'"), std::string::npos);
    }
  }
}

TEST_F(ProphetParameters, RowsOfOneTimeAreTooShort) {
  std::fill(days_.begin(), days_.end(), 19000.0);
  EXPECT_THROW(prophet_.Fit(rows_, y_, JobControl{}), Error);
}

// A regressor of any size is standardised, and one that is constant to rounding has no effect.
TEST_F(ProphetParameters, RegressorsOfAnySize) {
  const LocalOutput point;
  const auto ahead = [&](double x, double day) {
    const LocalFit fit = prophet_.Fit(rows_, y_, JobControl{});
    const std::vector<double> days = {day}, known = {x};
    std::vector<double> value(1);
    std::span<double> out(value);
    prophet_.Forecast(fit.parameters, {.days = days, .columns = {known}, .name = "series 'a'"},
                      {.outputs = {&point, 1}, .out = {&out, 1}});
    return value[0];
  };
  const double usual = ahead(2, 19030);
  for (double size : {1e-200, 1e200, 1e307}) {
    for (size_t i = 0; i < x_.size(); ++i) x_[i] = size * static_cast<double>(i % 3);
    EXPECT_NEAR(ahead(2 * size, 19030), usual, 1e-6) << size;
  }
  for (size_t i = 0; i < x_.size(); ++i) x_[i] = 7 + (i % 3 == 0 ? 1e-12 : 0);
  EXPECT_NEAR(ahead(0, 19030), ahead(9, 19030), 1e-9);
}

}  // namespace
}  // namespace nf
