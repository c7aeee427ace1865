// The same at every time.
#include "ops/repeat_rows.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseRepeatRows() {
  std::vector<GraphCase> cases;
  for (const auto& [time, channels] : {std::pair<int64_t, int64_t>{1, 4}, {5, 3}, {3, 1}}) {
    cases.push_back(Unary(
        std::to_string(channels) + ", " + std::to_string(time) + " times", {channels},
        [time = time](Recorder& g, Tensor x) { return RepeatRows(g, x, time); },
        [time = time](const Doubles& x) {
          Doubles y;
          for (int64_t t = 0; t < time; ++t) y.insert(y.end(), x.begin(), x.end());
          return y;
        }));
  }
  return cases;
}

}  // namespace nf
