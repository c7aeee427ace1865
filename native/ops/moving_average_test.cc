// The moving average in double.
#include "ops/moving_average.h"

#include <algorithm>

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseMovingAverage() {
  std::vector<GraphCase> cases;
  for (const auto& [n, kernel] : {std::pair<int64_t, int64_t>{1, 3}, {12, 1}, {12, 5}, {9, 25}}) {
    cases.push_back(Unary(
        Label("time", n, kernel), {n},
        [kernel = kernel](Recorder& g, Tensor x) { return MovingAverage(g, x, kernel); },
        [kernel = kernel](const Doubles& x) {
          const auto last = static_cast<int64_t>(x.size()) - 1;
          Doubles y;
          for (int64_t t = 0; t <= last; ++t) {
            double sum = 0;
            for (int64_t k = t - kernel / 2; k <= t + kernel / 2; ++k) {
              sum += x[static_cast<size_t>(std::clamp<int64_t>(k, 0, last))];
            }
            y.push_back(sum / static_cast<double>(kernel));
          }
          return y;
        }));
  }
  return cases;
}

}  // namespace nf
