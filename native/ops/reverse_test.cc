// Back to front.
#include "ops/reverse.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseReverse() {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 2, 17, 40}) {
    cases.push_back(Unary(
        Label("size", n), {n}, [](Recorder& g, Tensor x) { return Reverse(g, x); },
        [](const Doubles& x) { return Doubles(x.rbegin(), x.rend()); }));
  }
  return cases;
}

}  // namespace nf
