// One scale and shift in double.
#include "ops/affine.h"

#include "testing/op_case.h"

namespace nf {
namespace {

// w is drawn from [-1, 1] like every leaf; none of the seeds comes near 0.
std::vector<GraphCase> AffineCases(bool inverse) {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 17}) {
    GraphCase c;
    c.label = Label("size", n);
    c.record = [=](Leaves& l) {
      return (inverse ? AffineInverse : Affine)(l.recorder(), l.Gradient("x", {n}),
                                                l.Weight("w", {1}), l.Weight("b", {1}));
    };
    c.reference = [=](const Values& v) {
      const double w = v.at("w")[0], b = v.at("b")[0];
      Doubles y;
      for (double x : v.at("x")) y.push_back(inverse ? (x - b) / w : x * w + b);
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace

std::vector<GraphCase> CaseAffine() { return AffineCases(false); }

std::vector<GraphCase> CaseAffineInverse() { return AffineCases(true); }

}  // namespace nf
