// Cosines of multiples of pi times a number that takes no gradient.
#include "ops/cosines.h"

#include <cmath>
#include <numbers>

#include "ops/elementwise.h"
#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseCosines() {
  std::vector<GraphCase> cases;
  for (const auto& [size, count] : {std::pair<int64_t, int64_t>{1, 1}, {3, 5}, {2, 64}}) {
    GraphCase c;
    c.label = Label("numbers", size, count);
    c.record = [size = size, count = count](Leaves& l) {
      Recorder& g = l.recorder();
      // Times something that has a gradient.
      return Mul(g, Cosines(g, g.Reshape(l.Mask(size), {size, 1}), count),
                 l.Gradient("by", {size, count}));
    };
    c.reference = [count = count](const Values& v) {
      Doubles y;
      for (double x : v.at("mask")) {
        for (int64_t i = 0; i < count; ++i)
          y.push_back(std::cos(std::numbers::pi * static_cast<double>(i) * x) *
                      v.at("by")[y.size()]);
      }
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
