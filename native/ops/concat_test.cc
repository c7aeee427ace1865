// Tensors side by side.
#include "ops/concat.h"

#include <algorithm>

#include "testing/op_case.h"

namespace nf {
namespace {

struct Leaf {
  std::string name;
  int64_t count;
};

// Leaves [outer, count, inner] along the axis in the middle; outer or inner 0: without that axis.
GraphCase Along(std::vector<Leaf> leaves, int64_t outer, int64_t inner) {
  GraphCase c;
  c.label = Label("outer, inner", outer, inner);
  for (const Leaf& leaf : leaves) c.label += " " + leaf.name;
  c.record = [=](Leaves& l) {
    std::vector<Tensor> xs;
    for (const auto& [name, count] : leaves) {
      std::vector<int64_t> dims = {count};
      if (outer > 0) dims.insert(dims.begin(), outer);
      if (inner > 0) dims.push_back(inner);
      xs.push_back(l.Gradient(name, dims));
    }
    return Concat(l.recorder(), xs, Axis(outer > 0 ? 1 : 0));
  };
  c.reference = [=](const Values& v) {
    Doubles y;
    for (int64_t i = 0; i < std::max<int64_t>(outer, 1); ++i) {
      for (const auto& [name, count] : leaves) {
        const int64_t run = count * std::max<int64_t>(inner, 1);
        const auto from = v.at(name).begin() + i * run;
        y.insert(y.end(), from, from + run);
      }
    }
    return y;
  };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseConcat() {
  return {Along({{"a", 3}, {"b", 4}}, 0, 0),
          Along({{"a", 3}, {"b", 4}, {"c", 5}}, 0, 0),
          Along({{"a", 3}, {"a", 3}, {"b", 4}, {"a", 3}}, 0, 0),
          Along({{"a", 2}, {"b", 3}, {"a", 2}}, 4, 0),
          Along({{"a", 3}, {"b", 1}}, 1, 0),
          Along({{"a", 3}, {"b", 1}}, 0, 2),
          Along({{"a", 1}, {"b", 2}}, 3, 2)};
}

}  // namespace nf
