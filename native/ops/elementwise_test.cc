// A case for every function of kernels/maps.inc: against its value in double, whose differences
// the gradients are checked with.
#include "ops/elementwise.h"

#include "kernels/ref/maps.h"
#include "testing/op_case.h"

namespace nf {
namespace {

template <class Map>
std::vector<GraphCase> UnaryCases(Tensor (*op)(Recorder&, Tensor)) {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 7, 40}) {
    cases.push_back(Unary(
        Label("size", n), {n}, [op](Recorder& g, Tensor x) { return op(g, x); },
        [](const Doubles& x) {
          Doubles y = x;
          for (double& value : y) value = Map::Value(value);
          return y;
        }));
  }
  return cases;
}

// Two inputs, and the same one twice.
template <class Map>
std::vector<GraphCase> BinaryCases(Tensor (*op)(Recorder&, Tensor, Tensor)) {
  std::vector<GraphCase> cases;
  for (const char* second : {"b", "a"}) {
    for (int64_t n : {1, 7, 40}) {
      GraphCase c;
      c.label = Label(second, n);
      c.record = [=](Leaves& l) {
        const Tensor a = l.Gradient("a", {n});
        return op(l.recorder(), a, l.Gradient(second, {n}));
      };
      c.reference = [=](const Values& v) {
        Doubles y = v.at("a");
        for (size_t i = 0; i < y.size(); ++i) y[i] = Map::Value(y[i], v.at(second)[i]);
        return y;
      };
      cases.push_back(c);
    }
  }
  return cases;
}

}  // namespace

#define NF_UNARY(Name, ...) \
  std::vector<GraphCase> Case##Name() { return UnaryCases<ref::Name##Map>(Name); }
#define NF_BINARY(Name, ...) \
  std::vector<GraphCase> Case##Name() { return BinaryCases<ref::Name##Map>(Name); }
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY

}  // namespace nf
