#include "config/intervals.h"

#include <algorithm>
#include <cstdio>

namespace nf {
namespace {

// "80", "95.5": two decimals at most, no trailing zeros.
std::string Level(double level) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", level);
  std::string s = text;
  s.erase(s.find_last_not_of('0') + 1);
  if (s.back() == '.') s.pop_back();
  return s;
}

}  // namespace

std::vector<double> QuantilesOfLevels(const std::vector<double>& levels) {
  std::vector<double> out;
  for (double l : levels) {
    out.push_back((50.0 - l / 2.0) / 100.0);
    out.push_back((50.0 + l / 2.0) / 100.0);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string QuantileSuffix(double quantile) {
  if (quantile == 0.5) return "";
  return quantile < 0.5 ? "-lo-" + Level(100.0 - 200.0 * quantile)
                        : "-hi-" + Level(100.0 - 200.0 * (1.0 - quantile));
}

}  // namespace nf
