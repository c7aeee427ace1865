// Products with constants in double.
#include "ops/const_linear.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseConstLinear() {
  std::vector<GraphCase> cases;
  struct Shape {
    std::vector<int64_t> dims;
    int64_t in, out;
  };
  // The last is three rows of x a row of the batch; [7, 1] is a row of 7.
  for (const auto& [dims, in, out] :
       {Shape{{1}, 1, 1}, {{5}, 5, 12}, {{33}, 33, 7}, {{7, 1}, 7, 3}, {{3, 5}, 5, 4}}) {
    const ConstMatrix m = Constant(in, out, [out = out](int64_t r, int64_t c) {
      return static_cast<double>((r * out + c) * 7 % 11 - 5) / 4;
    });
    cases.push_back(Unary(
        Label("constant", in, out), dims,
        [=](Recorder& g, Tensor x) { return ConstLinear(g, x, m); },
        [=](const Doubles& x) {
          const std::vector<float> values = m.Values();
          const auto k = static_cast<size_t>(m.rows), n = static_cast<size_t>(m.cols);
          Doubles y(x.size() / k * n, 0.0);
          for (size_t i = 0; i < x.size(); ++i) {
            for (size_t o = 0; o < n; ++o) y[i / k * n + o] += x[i] * values[i % k * n + o];
          }
          return y;
        }));
  }
  return cases;
}

}  // namespace nf
