// A masked difference in double.
#include "ops/sub_mul.h"

#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseSubMul() {
  std::vector<GraphCase> cases;
  for (const char* second : {"b", "a"}) {
    GraphCase c;
    c.label = second;
    c.record = [=](Leaves& l) {
      return SubMul(l.recorder(), l.Gradient("a", {19}), l.Gradient(second, {19}), l.Mask(19));
    };
    c.reference = [=](const Values& v) {
      Doubles y;
      for (size_t i = 0; i < 19; ++i) {
        y.push_back((v.at("a")[i] - v.at(second)[i]) * v.at("mask")[i]);
      }
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
