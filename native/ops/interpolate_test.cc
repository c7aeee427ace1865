// Interpolation in double.
#include "ops/interpolate.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseInterpolate() {
  std::vector<GraphCase> cases;
  struct Shape {
    int64_t knots, channels, times, taps;
  };
  for (const auto& [knots, channels, times, taps] :
       {Shape{1, 1, 3, 1}, {5, 1, 8, 2}, {4, 3, 7, 2}, {6, 2, 4, 4}}) {
    // A first knot that moves through all there are, and factors of either sign.
    const ConstMatrix m =
        Constant(times, 1 + taps, [knots = knots, taps = taps](int64_t t, int64_t c) {
          return c == 0 ? static_cast<double>(t % (knots - taps + 1))
                        : static_cast<double>((t * 5 + c * 3) % 7 - 3) / 4;
        });
    cases.push_back(Unary(
        std::to_string(knots) + " knots, " + std::to_string(channels) + " channels",
        {knots, channels}, [=](Recorder& g, Tensor x) { return Interpolate(g, x, m); },
        [=, channels = channels](const Doubles& x) {
          const std::vector<float> values = m.Values();
          Doubles y(static_cast<size_t>(m.rows * channels), 0.0);
          for (int64_t t = 0; t < m.rows; ++t) {
            const float* tap = values.data() + t * m.cols;
            for (int64_t j = 1; j < m.cols; ++j) {
              for (int64_t ch = 0; ch < channels; ++ch) {
                const int64_t knot = static_cast<int64_t>(tap[0]) + j - 1;
                y[static_cast<size_t>(t * channels + ch)] +=
                    static_cast<double>(tap[j]) * x[static_cast<size_t>(knot * channels + ch)];
              }
            }
          }
          return y;
        }));
  }
  return cases;
}

}  // namespace nf
