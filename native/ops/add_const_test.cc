// Sums with constants.
#include "ops/add_const.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseAddConst() {
  const ConstMatrix m = Constant(4, 5, [](int64_t r, int64_t c) { return (r * 5 + c) % 7 - 3; });
  return {Unary(
      "4 x 5", {4, 5}, [=](Recorder& g, Tensor x) { return AddConst(g, x, m); },
      [=](const Doubles& x) {
        Doubles y = x;
        const std::vector<float> values = m.Values();
        for (size_t i = 0; i < y.size(); ++i) y[i] += values[i];
        return y;
      })};
}

}  // namespace nf
