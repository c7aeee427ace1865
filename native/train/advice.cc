#include "train/advice.h"

#include <cmath>
#include <cstdio>

#include "data/scaler.h"

namespace nf {
namespace {

// Two digits.
std::string Rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

// Of a series' observed rows: the mean size, and the mean size of the step from one to the next.
struct Sizes {
  double level = 0, step = 0;
};

Sizes SizesOf(const Panel& panel, int64_t series) {
  double level = 0, step = 0, before = 0;
  int64_t rows = 0, pairs = 0;
  const int64_t begin = panel.offsets[static_cast<size_t>(series)];
  for (int64_t row = begin; row < begin + panel.length(series); ++row) {
    if (!panel.observed(row)) continue;
    const double y = panel.y[row];
    if (rows > 0) step += std::abs(y - before), ++pairs;
    level += std::abs(y), ++rows;
    before = y;
  }
  return {rows > 0 ? level / static_cast<double>(rows) : 0,
          pairs > 0 ? step / static_cast<double>(pairs) : 0};
}

}  // namespace

std::vector<std::string> Advice(const NeuralModel& model, const Panel& panel,
                                std::span<const std::string> names) {
  std::vector<std::string> advice;
  const auto say = [&](int64_t series, const std::string& what) {
    advice.push_back(model.alias() + ": " + SeriesName(names, series) + what);
  };
  // Window scalers are the library's: they add a millionth to a window's spread, and divide by 1
  // where it is 0. What is smaller than that is forecast in the wrong size.
  constexpr double kSmall = 1e-4;
  // Networks begin with weights for values near 1. Beyond some thousand they forecast those, not
  // the series, for as long as most trainings last.
  constexpr double kFar = 1000;
  const ModelConfig& config = model.config();
  const bool scaled =
      ParseScaler(config.scaler_type) != ScalerType::kIdentity || config.normalizes();
  bool small = false, far = scaled;  // said already, or of no matter
  for (int64_t s = 0; s < panel.num_series() && !(small && far); ++s) {
    const Sizes sizes = SizesOf(panel, s);
    if (!small && sizes.step > 0 && sizes.step < kSmall) {
      small = true;
      say(s, " moves by about " + Rounded(sizes.step) +
                 " from row to row, too little for a network and for scalerType, which adds 1e-6 "
                 "to the spread of a window and takes 1 for one that stands still: use "
                 "localScalerType: 'standard', or values in a larger unit");
    }
    if (!far && sizes.level > kFar) {
      far = true;
      say(s, " lies around " + Rounded(sizes.level) +
                 " and scalerType is 'identity', so that the network has to find that level by "
                 "itself: use scalerType: 'robust' or 'standard'");
    }
  }
  return advice;
}

}  // namespace nf
