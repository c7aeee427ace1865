// A weight in every row, and the sum over rows that is its gradient.
#include "ops/broadcast.h"

#include "ops/elementwise.h"
#include "testing/op_case.h"

namespace nf {

std::vector<GraphCase> CaseBroadcast() {
  std::vector<GraphCase> cases;
  // The last is two tiles of weight gradient.
  for (const std::vector<int64_t>& dims : {std::vector<int64_t>{1}, {7}, {3, 5}, {300, 2}}) {
    GraphCase c;
    c.label = std::to_string(dims[0]) + " of " + std::to_string(dims.size()) + " dims";
    c.record = [=](Leaves& l) { return Broadcast(l.recorder(), l.Weight("w", dims)); };
    c.reference = [=](const Values& v) { return v.at("w"); };
    cases.push_back(c);
    // As an operand beside an input: what learned positions are.
    c.label += ", added";
    c.record = [=](Leaves& l) {
      return Add(l.recorder(), l.Gradient("x", dims), Broadcast(l.recorder(), l.Weight("w", dims)));
    };
    c.reference = [=](const Values& v) {
      Doubles y = v.at("w");
      for (size_t i = 0; i < y.size(); ++i) y[i] += v.at("x")[i];
      return y;
    };
    cases.push_back(c);
    c.label = "a state of " + std::to_string(dims.size()) + " dims, added";
    c.record = [=](Leaves& l) {
      Recorder& g = l.recorder();
      return Add(g, l.Gradient("x", dims), Broadcast(g, g.State("s", dims, 0.25)));
    };
    c.reference = [=](const Values& v) {
      Doubles y = v.at("x");
      for (double& value : y) value += 0.25;
      return y;
    };
    cases.push_back(c);
  }
  return cases;
}

}  // namespace nf
