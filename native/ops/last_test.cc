// Ops on the last value.
#include "ops/last.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseRepeatLast() {
  std::vector<GraphCase> cases;
  for (const auto& [n, times] : {std::pair<int64_t, int64_t>{1, 1}, {6, 1}, {6, 19}}) {
    cases.push_back(Unary(
        Label("times", n, times), {n},
        [times = times](Recorder& g, Tensor x) { return RepeatLast(g, x, Axis(0), times); },
        [times = times](const Doubles& x) {
          return Doubles(static_cast<size_t>(times), x.back());
        }));
  }
  cases.push_back(Unary(
      "two runs", {2, 3}, [](Recorder& g, Tensor x) { return RepeatLast(g, x, Axis(1), 2); },
      [](const Doubles& x) {
        return Doubles{x[2], x[2], x[5], x[5]};
      }));
  return cases;
}

std::vector<GraphCase> CaseSubLast() {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 2, 23}) {
    cases.push_back(Unary(
        Label("size", n), {n}, [](Recorder& g, Tensor x) { return SubLast(g, x, Axis(0)); },
        [](const Doubles& x) {
          Doubles y = x;
          for (double& value : y) value -= x.back();
          return y;
        }));
  }
  cases.push_back(Unary(
      "two runs", {2, 2}, [](Recorder& g, Tensor x) { return SubLast(g, x, Axis(-1)); },
      [](const Doubles& x) {
        return Doubles{x[0] - x[1], 0.0, x[2] - x[3], 0.0};
      }));
  return cases;
}

}  // namespace nf
