// The ops that move values between times and channels, in double.
#include "kernels/ref/layout.h"
#include "testing/op_case.h"

namespace nf {
namespace {

using Doubles = std::vector<double>;

GraphCase UnfoldCase(const UnfoldShape& s) {
  const auto time = static_cast<int64_t>(s.time), channels = static_cast<int64_t>(s.channels);
  const auto kernel = static_cast<int64_t>(s.kernel), dilation = static_cast<int64_t>(s.dilation);
  return Unary((s.circular ? "circular " : "causal ") + std::to_string(time) + " x " +
                   std::to_string(channels) + " kernel " + std::to_string(kernel) + " dilation " +
                   std::to_string(dilation),
               {time, channels},
               [=](Builder& b, Tensor x) {
                 return s.circular ? b.UnfoldCircular(x, kernel)
                                   : b.UnfoldCausal(x, kernel, dilation);
               },
               [=](const Doubles& x) {
                 Doubles y(x.size() * s.kernel);
                 ref::Unfold(x.data(), s, y.data());
                 return y;
               });
}

}  // namespace

std::vector<GraphCase> CaseUnfold() {
  return {UnfoldCase({7, 3, 2, 1, 1, false}), UnfoldCase({7, 17, 2, 4, 1, false}),
          UnfoldCase({5, 2, 3, 9, 2, false}), UnfoldCase({2, 1, 6, 1, 5, false}),
          UnfoldCase({6, 1, 3, 1, 1, true}),  UnfoldCase({2, 3, 5, 1, 2, true})};
}

std::vector<GraphCase> CaseTranspose() {
  std::vector<GraphCase> cases;
  for (const auto& [time, channels] : {std::pair<int64_t, int64_t>{1, 4}, {5, 3}, {19, 6}}) {
    cases.push_back(Unary(
        std::to_string(time) + " x " + std::to_string(channels), {time, channels},
        [](Builder& b, Tensor x) { return b.Transpose(x); },
        [time = time, channels = channels](const Doubles& x) {
          Doubles y(x.size());
          ref::Transpose(x.data(), static_cast<size_t>(time), static_cast<size_t>(channels),
                         y.data());
          return y;
        }));
  }
  return cases;
}

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
        {knots, channels}, [=](Builder& b, Tensor x) { return b.Interpolate(x, m); },
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

std::vector<GraphCase> CaseRepeatRows() {
  std::vector<GraphCase> cases;
  for (const auto& [time, channels] : {std::pair<int64_t, int64_t>{1, 4}, {5, 3}, {3, 1}}) {
    cases.push_back(Unary(
        std::to_string(channels) + ", " + std::to_string(time) + " times", {channels},
        [time = time](Builder& b, Tensor x) { return b.RepeatRows(x, time); },
        [time = time](const Doubles& x) {
          Doubles y;
          for (int64_t t = 0; t < time; ++t) y.insert(y.end(), x.begin(), x.end());
          return y;
        }));
  }
  return cases;
}

std::vector<GraphCase> CaseAddConst() {
  const ConstMatrix m = Constant(4, 5, [](int64_t r, int64_t c) { return (r * 5 + c) % 7 - 3; });
  return {Unary(
      "4 x 5", {4, 5}, [=](Builder& b, Tensor x) { return b.AddConst(x, m); },
      [=](const Doubles& x) {
        Doubles y = x;
        const std::vector<float> values = m.Values();
        for (size_t i = 0; i < y.size(); ++i) y[i] += values[i];
        return y;
      })};
}

}  // namespace nf
