// Back to front.
#include "ops/reverse.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseReverse() {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 2, 17, 40}) {
    cases.push_back(Unary(
        Label("size", n), {n}, [](Recorder& g, Tensor x) { return Reverse(g, x, Axis(0)); },
        [](const Doubles& x) { return Doubles(x.rbegin(), x.rend()); }));
  }
  cases.push_back(Unary(
      "two runs", {2, 3}, [](Recorder& g, Tensor x) { return Reverse(g, x, Axis(-1)); },
      [](const Doubles& x) { return Doubles{x[2], x[1], x[0], x[5], x[4], x[3]}; }));
  return cases;
}

}  // namespace nf
