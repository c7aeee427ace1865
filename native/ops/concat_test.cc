// Tensors side by side.
#include "ops/concat.h"

#include "testing/op_case.h"

namespace nf {
namespace {

// Leaves [time, channels] side by side.
GraphCase ByTime(std::vector<std::pair<std::string, int64_t>> leaves, int64_t time) {
  GraphCase c;
  c.label = Label("channels side by side, time", time);
  c.record = [=](Leaves& l) {
    std::vector<Tensor> xs;
    for (const auto& [name, channels] : leaves) xs.push_back(l.Gradient(name, {time, channels}));
    return ConcatLast(l.recorder(), xs, time);
  };
  c.reference = [=](const Values& v) {
    Doubles y;
    for (int64_t t = 0; t < time; ++t) {
      for (const auto& [name, channels] : leaves) {
        const auto from = v.at(name).begin() + t * channels;
        y.insert(y.end(), from, from + channels);
      }
    }
    return y;
  };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseConcat() {
  std::vector<GraphCase> cases;
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"a", "b"}, {"a", "b", "c"}, {"a", "a", "b", "a"}}) {
    GraphCase c;
    for (const std::string& name : names) c.label += name;
    c.record = [=](Leaves& l) {
      std::vector<Tensor> xs;
      for (const std::string& name : names) xs.push_back(l.Gradient(name, {name[0] - 'a' + 3}));
      return Concat(l.recorder(), xs);
    };
    c.reference = [=](const Values& v) {
      Doubles y;
      for (const std::string& name : names) {
        y.insert(y.end(), v.at(name).begin(), v.at(name).end());
      }
      return y;
    };
    cases.push_back(c);
  }
  cases.push_back(ByTime({{"a", 2}, {"b", 3}, {"a", 2}}, 4));
  cases.push_back(ByTime({{"a", 3}, {"b", 1}}, 1));
  return cases;
}

}  // namespace nf
