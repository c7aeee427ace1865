// Central intervals as quantiles, and what their columns are called.
#ifndef NF_CONFIG_INTERVALS_H_
#define NF_CONFIG_INTERVALS_H_

#include <string>
#include <vector>

namespace nf {

// The lower and the upper quantile of each level (percent), ascending, each once.
std::vector<double> QuantilesOfLevels(const std::vector<double>& levels);
// Of a forecast's column: "" (the median), "-lo-90", "-hi-90", two decimals at most.
std::string QuantileSuffix(double quantile);

}  // namespace nf

#endif  // NF_CONFIG_INTERVALS_H_
