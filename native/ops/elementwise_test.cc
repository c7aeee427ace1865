// Ops of one value at a time, in double.
#include "ops/elementwise.h"

#include "kernels/ref/activations.h"
#include "testing/op_case.h"

namespace nf {
namespace {

using Binary = std::function<Tensor(Recorder&, Tensor, Tensor)>;

// Two inputs, and the same one twice.
std::vector<GraphCase> BinaryCases(const Binary& record, double (*f)(double, double)) {
  std::vector<GraphCase> cases;
  for (const char* second : {"b", "a"}) {
    for (int64_t n : {1, 7, 40}) {
      GraphCase c;
      c.label = Label(second, n);
      c.record = [=](Leaves& l) {
        return record(l.recorder(), l.Gradient("a", {n}), l.Gradient(second, {n}));
      };
      c.reference = [=](const Values& v) {
        Doubles y;
        for (size_t i = 0; i < v.at("a").size(); ++i) y.push_back(f(v.at("a")[i], v.at(second)[i]));
        return y;
      };
      cases.push_back(c);
    }
  }
  return cases;
}

}  // namespace

std::vector<GraphCase> CaseAdd() {
  return BinaryCases([](Recorder& g, Tensor x, Tensor y) { return Add(g, x, y); },
                     [](double x, double y) { return x + y; });
}

std::vector<GraphCase> CaseSub() {
  return BinaryCases([](Recorder& g, Tensor x, Tensor y) { return Sub(g, x, y); },
                     [](double x, double y) { return x - y; });
}

std::vector<GraphCase> CaseGelu() {
  std::vector<GraphCase> cases;
  for (int64_t n : {1, 40}) {
    GraphCase c;
    c.label = std::to_string(n);
    c.record = [=](Leaves& l) { return Gelu(l.recorder(), l.Gradient("x", {n})); };
    c.reference = [](const Values& v) {
      Doubles y(v.at("x").size());
      ref::GeluForward(v.at("x").data(), y.data(), y.size());
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
