// What Prophet regresses on: the columns beside the trend, and the layout of its fitted parameters.
#ifndef NF_LOCAL_PROPHET_DESIGN_H_
#define NF_LOCAL_PROPHET_DESIGN_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "local/prophet/config.h"

namespace nf {

// Fitted parameters of one series as numbers in a row:
//   start, t_scale, y_scale, y_min, yearly, weekly, daily, S, K, R, k, m, sigma (13),
//   changes [S], delta [S], beta [K], mean [R], spread [R].
// Time t is (days - start) / t_scale, 1 at the last row; y is scaled by (y - floor) / y_scale.
struct ProphetView {
  static constexpr size_t kHead = 13;

  double start = 0, t_scale = 1, y_scale = 1, y_min = 0;
  int64_t yearly = 0, weekly = 0, daily = 0;  // harmonics
  double k = 0, m = 0, sigma = 0;             // growth rate, offset, scale of the noise
  std::span<const double> changes, delta;     // [S] times of changes, and of the rate there
  std::span<const double> beta;               // [K]
  std::span<const double> mean, spread;       // [R] of the regressors, to standardise them

  // False where this cannot be such a row.
  static bool Read(std::span<const double> row, ProphetView& view);
  std::vector<double> Write() const;
};

// One block of columns.
struct ProphetBlock {
  enum class Kind { kFourier, kHoliday, kRegressor } kind = Kind::kFourier;
  std::string name = {};         // for messages: "holiday 'christmas'"
  int64_t first = 0, count = 0;  // columns [first, first + count)
  double prior_scale = 1.0;
  bool multiplicative = false;
  double period = 0.0;              // kFourier: days
  std::vector<int64_t> dates = {};  // kHoliday: days, ascending, each once
  int64_t lower = 0, upper = 0;     // kHoliday: window
  int64_t column = 0, index = 0;    // kRegressor: of LocalRows::columns; of mean and spread
};

// The columns of a configuration with these counts of harmonics.
class ProphetDesign {
 public:
  ProphetDesign(const ProphetConfig& config, int64_t yearly, int64_t weekly, int64_t daily,
                double units_per_day);

  const std::vector<ProphetBlock>& blocks() const { return blocks_; }
  int64_t columns() const { return columns_; }        // K
  int64_t regressors() const { return regressors_; }  // R

  // Calls put(block, column, value) for what is not zero in row i.
  template <class Put>
  void Row(const LocalRows& rows, int64_t i, std::span<const double> mean,
           std::span<const double> spread, Put&& put) const {
    const auto at = static_cast<size_t>(i);
    const double days = rows.days[at];
    for (const ProphetBlock& block : blocks_) {
      if (block.kind == ProphetBlock::Kind::kFourier) {
        Fourier(block, days, put);
      } else if (block.kind == ProphetBlock::Kind::kHoliday) {
        const auto day = static_cast<int64_t>(std::floor(days));
        auto date = std::lower_bound(block.dates.begin(), block.dates.end(), day - block.upper);
        for (; date != block.dates.end() && *date <= day - block.lower; ++date)
          put(block, block.first + (day - *date) - block.lower, 1.0);
      } else {
        const auto r = static_cast<size_t>(block.index);
        const double x = rows.columns[static_cast<size_t>(block.column)][at];
        put(block, block.first, (x - mean[r]) / spread[r]);
      }
    }
  }

 private:
  // Sines and cosines of the multiples of one angle, by rotation: two library calls a row instead
  // of two a harmonic.
  template <class Put>
  static void Fourier(const ProphetBlock& block, double days, Put&& put) {
    const double turns = days / block.period;
    const double angle = 2.0 * std::numbers::pi * (turns - std::floor(turns));
    const double s1 = std::sin(angle), c1 = std::cos(angle);
    double s = s1, c = c1;
    for (int64_t i = 0; i < block.count; i += 2) {
      put(block, block.first + i, s);
      put(block, block.first + i + 1, c);
      const double next = s * c1 + c * s1;
      c = c * c1 - s * s1;
      s = next;
    }
  }

  void Add(ProphetBlock block);

  std::vector<ProphetBlock> blocks_;
  int64_t columns_ = 0, regressors_ = 0;
};

// The cap and the floor of every row, in the units of y: constants or columns; a floor that is not
// given is 0, or y_min where y is scaled by its range. Position of a column within futureExog.
double ProphetCap(const ProphetConfig& config, const LocalRows& rows, int64_t i);
double ProphetFloor(const ProphetConfig& config, const LocalRows& rows, int64_t i, double y_min);

// Throws kOutOfRange where a time lies so far off that days can't be counted.
void CheckTimes(const LocalRows& rows);

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_DESIGN_H_
