// One slope for all values below zero, in double.
#include "ops/prelu.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CasePRelu() {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 7, 33}) {
    GraphCase c;
    c.label = Label("size", n);
    c.record = [=](Leaves& l) {
      return PRelu(l.recorder(), l.Gradient("x", {n}), l.Weight("slope", {1}));
    };
    c.reference = [](const Values& v) {
      Doubles y;
      for (double x : v.at("x")) y.push_back(x > 0 ? x : v.at("slope")[0] * x);
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
