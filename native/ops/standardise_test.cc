// Both ways, by moments of another window.
#include "ops/standardise.h"

#include <cmath>

#include "ops/moments.h"
#include "testing/op_case.h"

namespace nf {
namespace {

constexpr int64_t kTime = 7;  // of the window
constexpr double kEpsilon = 0.05;

std::vector<GraphCase> Cases(bool inverse) {
  std::vector<GraphCase> cases;
  for (const auto& [time, n] : {std::pair<int64_t, int64_t>{1, 1}, {19, 1}, {4, 3}, {2, 37}}) {
    GraphCase c;
    c.label = Label("time, channels", time, n);
    c.record = [=, time = time, n = n](Leaves& l) {
      Recorder& g = l.recorder();
      const Tensor window = g.Reshape(l.Mask(kTime * n), {kTime, n});
      return (inverse ? Unstandardise : Standardise)(g, l.Gradient("x", {time, n}),
                                                     Moments(g, window, Centre::kLast, kEpsilon));
    };
    c.reference = [=, n = static_cast<size_t>(n)](const Values& v) {
      const Doubles& window = v.at("mask");
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
