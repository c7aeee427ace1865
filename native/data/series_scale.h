// What makes the errors of several series comparable.
#ifndef NF_DATA_SERIES_SCALE_H_
#define NF_DATA_SERIES_SCALE_H_

#include <cstdint>
#include <vector>

#include "data/panel.h"

namespace nf {

// Of each series the mean absolute difference between neighbouring observed values, the error of
// repeating the last value: what errors are divided by for MASE (Hyndman & Koehler, 2006). The last
// `holdout` rows do not count. A series whose differences are no more than the rounding of f32 has
// the mean of |y| instead, one of zeros has 1.
std::vector<double> SeriesScales(const Panel& panel, int64_t holdout);

}  // namespace nf

#endif  // NF_DATA_SERIES_SCALE_H_
