// Layer norm in double.
#include "ops/layer_norm.h"

#include "kernels/ref/norm.h"
#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseLayerNorm() {
  std::vector<GraphCase> cases;
  for (const auto& [time, n] : {std::pair<int64_t, int64_t>{1, 2}, {1, 37}, {6, 5}, {3, 40}}) {
    GraphCase c;
    c.label = std::to_string(time) + " x " + std::to_string(n);
    c.record = [=, time = time, n = n](Leaves& l) {
      return LayerNorm(l.recorder(), l.Gradient("x", {time, n}), l.Weight("gamma", {n}),
                       l.Weight("beta", {n}), 0.01);
    };
    c.reference = [=, time = time, n = n](const Values& v) {
      const auto times = static_cast<size_t>(time);
      Doubles y(v.at("x").size()), statistics(2 * times);
      ref::LayerForward(v.at("x").data(), times, static_cast<size_t>(n), v.at("gamma").data(),
                        v.at("beta").data(), static_cast<double>(0.01f), y.data(),
                        statistics.data());
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
