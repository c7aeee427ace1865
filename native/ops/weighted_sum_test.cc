// A weighted sum in double.
#include "ops/weighted_sum.h"

#include "testing/op_case.h"

namespace nf {
namespace {

GraphCase Sum(const std::vector<std::string>& names, int64_t time, int64_t channels) {
  GraphCase c;
  c.label = Label("time, channels", time, channels);
  for (const std::string& name : names) c.label += " " + name;
  const auto count = static_cast<int64_t>(names.size());
  c.record = [=](Leaves& l) {
    std::vector<Tensor> xs;
    for (const std::string& name : names) xs.push_back(l.Gradient(name, {time, channels}));
    return WeightedSum(l.recorder(), l.Gradient("weights", {time, count}), xs);
  };
  c.reference = [=](const Values& v) {
    Doubles y(static_cast<size_t>(time * channels), 0.0);
    for (size_t i = 0; i < names.size(); ++i) {
      for (size_t at = 0; at < y.size(); ++at) {
        const size_t t = at / static_cast<size_t>(channels);
        y[at] += v.at("weights")[t * names.size() + i] * v.at(names[i])[at];
      }
    }
    return y;
  };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseWeightedSum() {
  return {Sum({"a"}, 1, 1), Sum({"a", "b"}, 3, 8), Sum({"a", "b", "c"}, 2, 17),
          Sum({"a", "b", "a"}, 4, 5)};
}

}  // namespace nf
