// The taps of convolutions.
#include "ops/unfold.h"

#include "kernels/ref/layout.h"
#include "testing/op_case.h"

namespace nf {
namespace {

GraphCase UnfoldCase(const UnfoldShape& s) {
  const auto time = static_cast<int64_t>(s.time), channels = static_cast<int64_t>(s.channels);
  const auto kernel = static_cast<int64_t>(s.kernel), dilation = static_cast<int64_t>(s.dilation);
  return Unary((s.circular ? "circular " : "causal ") + std::to_string(time) + " x " +
                   std::to_string(channels) + " kernel " + std::to_string(kernel) + " dilation " +
                   std::to_string(dilation),
               {time, channels},
               [=](Recorder& g, Tensor x) {
                 return s.circular ? UnfoldCircular(g, x, kernel)
                                   : UnfoldCausal(g, x, kernel, dilation);
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

}  // namespace nf
