#include "data/series_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nf {
namespace {

double ScaleOf(const Panel& panel, int64_t begin, int64_t end) {
  double differences = 0, sizes = 0, before = 0;
  int64_t pairs = 0, values = 0;
  bool observed_before = false;
  for (int64_t row = begin; row < end; ++row) {
    const bool observed = panel.observed(row);
    if (observed) {
      const double y = panel.y[row];
      if (observed_before) differences += std::abs(y - before), ++pairs;
      sizes += std::abs(y), ++values;
      before = y;
    }
    observed_before = observed;
  }
  const double naive = pairs > 0 ? differences / static_cast<double>(pairs) : 0.0;
  const double size = values > 0 ? sizes / static_cast<double>(values) : 0.0;
  // Forecasts are f32: below a few of its steps a difference is noise, and would weigh as much as
  // it is small.
  constexpr double kNoise = 8.0 * std::numeric_limits<float>::epsilon();
  if (naive > kNoise * size) return naive;
  return size > 0 ? size : 1.0;
}

}  // namespace

std::vector<double> SeriesScales(const Panel& panel, int64_t holdout) {
  std::vector<double> scales;
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    const int64_t begin = panel.offsets[static_cast<size_t>(s)];
    const int64_t end = panel.offsets[static_cast<size_t>(s) + 1];
    scales.push_back(ScaleOf(panel, begin, std::max(begin, end - holdout)));
  }
  return scales;
}

}  // namespace nf
