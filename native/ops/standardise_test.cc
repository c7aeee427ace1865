// Both ways, by moments of another window, which takes a gradient or none.
#include "ops/standardise.h"

#include <cmath>
#include <tuple>

#include "ops/moments.h"
#include "testing/op_case.h"

namespace nf {
namespace {

constexpr int64_t kTime = 7;  // of the window
constexpr double kEpsilon = 0.05;

std::vector<GraphCase> Cases(bool inverse) {
  std::vector<GraphCase> cases;
  for (const auto& [time, n, fitted] : {std::tuple<int64_t, int64_t, bool>{1, 1, false},
                                        {19, 1, true},
                                        {4, 3, true},
                                        {4, 3, false},
                                        {2, 37, true}}) {
    GraphCase c;
    c.label = Label(fitted ? "of moments too" : "of x", time, n);
    c.record = [=, time = time, n = n, fitted = fitted](Leaves& l) {
      Recorder& g = l.recorder();
      const Tensor window =
          fitted ? l.Gradient("window", {kTime, n}) : g.Reshape(l.Mask(kTime * n), {kTime, n});
      return (inverse ? Unstandardise : Standardise)(g, l.Gradient("x", {time, n}),
                                                     Moments(g, window, Centre::kLast, kEpsilon));
    };
    c.reference = [=, n = static_cast<size_t>(n), fitted = fitted](const Values& v) {
      const Doubles& window = v.at(fitted ? "window" : "mask");
      Doubles y = v.at("x");
      for (size_t i = 0; i < y.size(); ++i) {
        const size_t j = i % n;
        double mean = 0, squares = 0;
        for (size_t t = j; t < window.size(); t += n) mean += window[t] / kTime;
        for (size_t t = j; t < window.size(); t += n) squares += std::pow(window[t] - mean, 2);
        const double last = window[window.size() - n + j];
        const double deviation = std::sqrt(squares / kTime + kEpsilon);
        y[i] = inverse ? y[i] * deviation + last : (y[i] - last) / deviation;
      }
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace

std::vector<GraphCase> CaseStandardise() { return Cases(false); }

std::vector<GraphCase> CaseUnstandardise() { return Cases(true); }

}  // namespace nf
