// Parts of a tensor.
#include "ops/slice.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseSlice() {
  std::vector<GraphCase> cases;
  for (const auto& [begin, end] : {std::pair<int64_t, int64_t>{0, 9}, {0, 4}, {3, 7}, {8, 9}}) {
    cases.push_back(Unary(
        Label("columns", begin, end), {9},
        [=, begin = begin, end = end](Recorder& g, Tensor x) { return Slice(g, x, begin, end); },
        [=, begin = begin, end = end](const Doubles& x) {
          return Doubles(x.begin() + begin, x.begin() + end);
        }));
  }
  cases.push_back(Unary(
      "from 3, then zeros", {9},
      [](Recorder& g, Tensor x) {
        return SliceThenZeros(g, x, 3, 2, {4, 2});
      },
      [](const Doubles& x) {
        Doubles y(x.begin() + 3, x.end());
        y.resize(8, 0.0);
        return y;
      }));
  return cases;
}

}  // namespace nf
