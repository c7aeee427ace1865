// The ops that move values between times and channels, in double.
#include "graph/op_case.h"
#include "kernels/ref/layout.h"

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
  ConstMatrix m(4, 5);
  for (size_t i = 0; i < m.values.size(); ++i) m.values[i] = static_cast<float>(i % 7) - 3.0f;
  return {Unary(
      "4 x 5", {4, 5}, [=](Builder& b, Tensor x) { return b.AddConst(x, m); },
      [=](const Doubles& x) {
        Doubles y = x;
        for (size_t i = 0; i < y.size(); ++i) y[i] += m.values[i];
        return y;
      })};
}

}  // namespace nf
