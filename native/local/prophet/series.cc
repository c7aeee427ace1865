#include "local/prophet/series.h"

#include <algorithm>
#include <cmath>

#include "local/prophet/advice.h"
#include "util/error.h"

namespace nf {
namespace {

constexpr int64_t kMostColumns = 5000;  // the Gram matrix is a square of them

// The library's count of harmonics.
int64_t Harmonics(const ProphetConfig& c, const char* name, AutoCount asked, bool enough,
                  int64_t standard) {
  if (asked.value == AutoCount::kOn) return standard;
  if (asked.value != AutoCount::kAuto) return asked.value;
  for (const ProphetSeasonality& s : c.seasonalities.items)
    if (s.name == name) return 0;
  return enough ? standard : 0;
}

// To rounding; `size`: what the values could reach.
bool Constant(std::span<const double> x, double size = 0) {
  double low = x[0], high = x[0];
  for (double v : x) low = std::min(low, v), high = std::max(high, v);
  return high - low <= 1e-9 * std::max({size, std::abs(low), std::abs(high)});
}

}  // namespace

ProphetSeries::ProphetSeries(const ProphetConfig& config, const LocalRows& rows,
                             std::span<const double> y)
    : c_(config), rows_(rows), y_(y), n_(static_cast<int64_t>(y.size())) {
  if (n_ < 2) {
    Fail(ErrorCode::kSeriesTooShort,
         rows_.name + " has " + std::to_string(n_) + " observed rows; Prophet needs at least 2");
  }
  CheckTimes(rows_);
  if (!(rows_.days.back() > rows_.days.front()))
    Fail(ErrorCode::kSeriesTooShort, rows_.name + ": all observed rows have the same time");
  Scale();
  Seasons();
  const ProphetDesign design(c_, view_.yearly, view_.weekly, view_.daily, rows_.units_per_day);
  Standardise(design);
  Changepoints();
  FillProblem(design);
}

void ProphetSeries::Scale() {
  view_.start = rows_.days.front();
  view_.t_scale = rows_.days.back() - view_.start;
  double most = 0, low = y_[0], high = y_[0], least_floor = 0, most_cap = 0;
  for (int64_t i = 0; i < n_; ++i) {
    const double y = y_[static_cast<size_t>(i)];
    const double floor = c_.has_floor() ? ProphetFloor(c_, rows_, i, 0) : 0.0;
    most = std::max(most, std::abs(y - floor));
    low = std::min(low, y);
    high = std::max(high, y);
    if (!c_.logistic()) continue;
    const double cap = ProphetCap(c_, rows_, i);
    least_floor = i == 0 ? floor : std::min(least_floor, floor);
    most_cap = i == 0 ? cap : std::max(most_cap, cap);
  }
  if (c_.scaling == "absmax") {
    view_.y_scale = most;
  } else if (c_.has_floor()) {
    view_.y_min = least_floor;
    view_.y_scale = most_cap - least_floor;
  } else {
    view_.y_min = low;
    view_.y_scale = high - low;
  }
  constant_ = high == low;
  if (view_.y_scale == 0) view_.y_scale = 1.0;
  if (!(view_.y_scale > 0 && std::isfinite(view_.y_scale)))
    Fail(ErrorCode::kNonFinite, rows_.name + ": the range of y is not finite");
}

void ProphetSeries::Seasons() {
  const double span = view_.t_scale;
  double least = span;
  for (size_t i = 1; i < rows_.days.size(); ++i)
    least = std::min(least, rows_.days[i] - rows_.days[i - 1]);
  view_.yearly = Harmonics(c_, "yearly", c_.yearly, span >= 730, 10);
  view_.weekly = Harmonics(c_, "weekly", c_.weekly, span >= 14 && least < 7, 3);
  view_.daily = Harmonics(c_, "daily", c_.daily, span >= 2 && least < 1, 4);
}

// Mean and spread (with n - 1) of the regressors that are to be standardised.
void ProphetSeries::Standardise(const ProphetDesign& design) {
  const auto count = static_cast<size_t>(design.regressors());
  mean_.assign(count, 0.0);
  spread_.assign(count, 1.0);
  for (const ProphetBlock& block : design.blocks()) {
    if (block.kind != ProphetBlock::Kind::kRegressor) continue;
    const std::span<const double> x = rows_.columns[static_cast<size_t>(block.column)];
    const std::string& name = c_.future_exog[static_cast<size_t>(block.column)];
    std::string how = "auto";
    for (const ProphetRegressor& r : c_.regressors.items)
      if (r.name == name) how = r.standardize;
    const bool binary = std::all_of(x.begin(), x.end(), [](double v) { return v == 0 || v == 1; });
    if (Constant(x) || how == "no" || (how == "auto" && binary)) continue;
    double size = 0, sum = 0, squares = 0;  // of x / size, so that no square leaves the range
    for (double v : x) size = std::max(size, std::abs(v));
    for (double v : x) sum += v / size;
    const double mean = sum / static_cast<double>(n_);
    for (double v : x) squares += (v / size - mean) * (v / size - mean);
    const auto r = static_cast<size_t>(block.index);
    mean_[r] = size * mean;
    spread_[r] = size * std::sqrt(squares / static_cast<double>(n_ - 1));
  }
}

void ProphetSeries::Changepoints() {
  if (!c_.changepoints.empty()) {
    for (double time : c_.changepoints)
      changes_.push_back((time / rows_.units_per_day - view_.start) / view_.t_scale);
    std::sort(changes_.begin(), changes_.end());
    if (changes_.front() < 0 || changes_.back() > 1)
      Fail(ErrorCode::kOutOfRange,
           rows_.name + ": changepoints must lie within the history of the series");
    return;
  }
  const auto reach =
      static_cast<int64_t>(std::floor(static_cast<double>(n_) * c_.changepoint_range));
  const int64_t count = std::min(c_.n_changepoints, reach - 1);
  for (int64_t i = 1; i <= count; ++i) {
    const double at =
        static_cast<double>(i) * (static_cast<double>(reach - 1) / static_cast<double>(count));
    // To the nearest row, halves to even, as the library does.
    const auto row = static_cast<size_t>(i == count ? reach - 1 : std::llrint(at));
    changes_.push_back((rows_.days[row] - view_.start) / view_.t_scale);
  }
  // Without any the library has one at the begin, which is then part of the rate.
  no_changes_ = changes_.empty();
  if (no_changes_) changes_.push_back(0.0);
}

void ProphetSeries::FillProblem(const ProphetDesign& design) {
  using Growth = ProphetProblem::Growth;
  const auto S = static_cast<int64_t>(changes_.size()), K = design.columns();
  if (2 + S + K > kMostColumns)
    Fail(ErrorCode::kOutOfRange, rows_.name + ": the options make " + std::to_string(2 + S + K) +
                                     " columns; Prophet fits at most " +
                                     std::to_string(kMostColumns));
  p_.growth = c_.logistic() ? Growth::kLogistic : c_.flat() ? Growth::kFlat : Growth::kLinear;
  p_.t.resize(n_);
  p_.y.resize(n_);
  if (c_.logistic()) p_.cap.resize(n_);
  p_.X = Eigen::MatrixXd::Zero(n_, K);
  p_.prior_scale.resize(K);
  p_.multiplicative.assign(static_cast<size_t>(K), 0);
  p_.change_scale = c_.changepoint_prior_scale;
  p_.changes = Eigen::Map<const Eigen::VectorXd>(changes_.data(), S);
  for (const ProphetBlock& block : design.blocks()) {
    for (int64_t j = block.first; j < block.first + block.count; ++j) {
      p_.prior_scale[j] = block.prior_scale;
      p_.multiplicative[static_cast<size_t>(j)] = block.multiplicative ? 1 : 0;
    }
  }
  for (int64_t i = 0; i < n_; ++i) FillRow(design, i);
  blocks_ = design.blocks();
  for (const ProphetBlock& block : blocks_) Centre(block);
}

// A column that is the same in every row can't be told from the level of the trend, and by their
// priors would carry most of it, to move the forecast by that where it is another ahead. Centred it
// is 0 throughout, so that its prior makes its effect 0 and the trend has the level, about where
// the library's search ends that begins there.
void ProphetSeries::Centre(const ProphetBlock& block) {
  const double size = block.kind == ProphetBlock::Kind::kFourier ? 1.0 : 0.0;
  for (int64_t j = block.first; j < block.first + block.count; ++j) {
    auto column = p_.X.col(j);
    if (Constant({column.data(), static_cast<size_t>(n_)}, size)) column.setZero();
  }
}

void ProphetSeries::FillRow(const ProphetDesign& design, int64_t i) {
  const auto at = static_cast<size_t>(i);
  const double floor = ProphetFloor(c_, rows_, i, view_.y_min);
  p_.t[i] = (rows_.days[at] - view_.start) / view_.t_scale;
  p_.y[i] = (y_[at] - floor) / view_.y_scale;
  if (c_.logistic()) {
    const double cap = ProphetCap(c_, rows_, i);
    if (!(cap > floor)) {
      Fail(ErrorCode::kOutOfRange,
           rows_.name + ": cap must be greater than floor (0 by default); in observed row " +
               std::to_string(i) + " they are " + std::to_string(cap) + " and " +
               std::to_string(floor));
    }
    p_.cap[i] = (cap - floor) / view_.y_scale;
  }
  design.Row(rows_, i, mean_, spread_,
             [&](const ProphetBlock&, int64_t column, double value) { p_.X(i, column) = value; });
}

ProphetSolution ProphetSeries::Solve(const JobControl& control) const {
  if (!constant_ || c_.logistic()) return SolveProphet(p_, control);
  ProphetSolution s;
  s.theta = Eigen::VectorXd::Zero(p_.size());
  s.theta[1] = p_.y[0];
  s.sigma = 1e-9;
  s.loss = ProphetLoss(p_, s.theta, s.sigma);
  return s;
}

LocalFit ProphetSeries::Write(const ProphetSolution& solution) const {
  const auto S = static_cast<size_t>(p_.changes.size());
  Eigen::VectorXd theta = solution.theta;
  if (!theta.allFinite() || !std::isfinite(solution.sigma)) {
    Fail(ErrorCode::kNonFinite, rows_.name +
                                    ": the fit is not finite; the sizes of y, cap, floor "
                                    "and the regressors lie too far apart");
  }
  if (no_changes_) theta[0] += std::exchange(theta[2], 0.0);
  ProphetView view = view_;
  view.k = theta[0];
  view.m = theta[1];
  view.sigma = solution.sigma;
  view.changes = changes_;
  view.delta = {theta.data() + 2, S};
  view.beta = {theta.data() + 2 + S, static_cast<size_t>(p_.X.cols())};
  view.mean = mean_;
  view.spread = spread_;
  return {.parameters = view.Write(),
          .loss = solution.loss / static_cast<double>(n_),
          .warnings = ProphetAdvice(blocks_, p_, solution, rows_.name)};
}

}  // namespace nf
