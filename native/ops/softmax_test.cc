// Softmax in double.
#include "ops/softmax.h"

#include "kernels/ref/gating.h"
#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseSoftmax() {
  std::vector<GraphCase> cases;
  for (const auto& [outer, n] : {std::pair<int64_t, int64_t>{1, 1}, {1, 17}, {3, 4}, {2, 33}}) {
    cases.push_back(Unary(
        Label("outer, n", outer, n), {outer, n},
        [](Recorder& g, Tensor x) { return Softmax(g, x, Axis(1)); },
        [outer = outer, n = n](const Doubles& x) {
          Doubles y(x.size());
          ref::SoftmaxForward(x.data(), static_cast<size_t>(outer), static_cast<size_t>(n),
                              y.data());
          return y;
        }));
  }
  return cases;
}

}  // namespace nf
