// Gated linear units in double.
#include "ops/glu.h"

#include "kernels/ref/gating.h"
#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseGlu() {
  std::vector<GraphCase> cases;
  for (const auto& [outer, n] : {std::pair<int64_t, int64_t>{1, 1}, {1, 19}, {3, 8}, {4, 5}}) {
    cases.push_back(Unary(
        Label("outer, n", outer, n), {outer, 2 * n},
        [](Recorder& g, Tensor x) { return Glu(g, x, Axis(-1)); },
        [outer = outer, n = n](const Doubles& x) {
          Doubles y(static_cast<size_t>(outer * n));
          ref::GluForward(x.data(), static_cast<size_t>(outer), static_cast<size_t>(n), y.data());
          return y;
        }));
  }
  return cases;
}

}  // namespace nf
