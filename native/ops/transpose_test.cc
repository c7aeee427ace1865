// Rows become columns.
#include "ops/transpose.h"

#include "kernels/ref/layout.h"
#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseTranspose() {
  std::vector<GraphCase> cases;
  for (const auto& [time, channels] : {std::pair<int64_t, int64_t>{1, 4}, {5, 3}, {19, 6}}) {
    cases.push_back(Unary(
        std::to_string(time) + " x " + std::to_string(channels), {time, channels},
        [](Recorder& g, Tensor x) { return Transpose(g, x); },
        [time = time, channels = channels](const Doubles& x) {
          Doubles y(x.size());
          ref::Transpose(x.data(), static_cast<size_t>(time), static_cast<size_t>(channels),
                         y.data());
          return y;
        }));
  }
  // Each of three matrices by itself.
  cases.push_back(Unary(
      "3 x 5 x 2", {3, 5, 2}, [](Recorder& g, Tensor x) { return Transpose(g, x); },
      [](const Doubles& x) {
        Doubles y(x.size());
        for (size_t i = 0; i < x.size(); i += 10) ref::Transpose(&x[i], 5, 2, &y[i]);
        return y;
      }));
  return cases;
}

}  // namespace nf
