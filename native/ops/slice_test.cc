// Parts of a tensor.
#include "ops/slice.h"

#include "testing/op_case.h"

namespace nf {
namespace {

// x [outer, count, inner], places [begin, end) of the axis in the middle, then zeros.
Doubles Part(const Doubles& x, int64_t outer, int64_t inner, int64_t begin, int64_t end,
             int64_t zeros) {
  const auto run = static_cast<int64_t>(x.size()) / outer;
  Doubles y;
  for (int64_t i = 0; i < outer; ++i) {
    const auto from = x.begin() + i * run;
    y.insert(y.end(), from + begin * inner, from + end * inner);
    y.resize(y.size() + static_cast<size_t>(zeros * inner), 0.0);
  }
  return y;
}

}  // namespace

std::vector<GraphCase> CaseSlice() {
  std::vector<GraphCase> cases;
  for (const auto& [begin, end] : {std::pair<int64_t, int64_t>{0, 9}, {0, 4}, {3, 7}, {8, 9}}) {
    const auto add = [&, begin = begin, end = end](int64_t outer, int64_t inner,
                                                   std::vector<int64_t> dims, Axis axis) {
      cases.push_back(Unary(
          Label("begin, end", begin, end) + Label(", outer, inner", outer, inner), std::move(dims),
          [=](Recorder& g, Tensor x) { return Slice(g, x, axis, begin, end); },
          [=](const Doubles& x) { return Part(x, outer, inner, begin, end, 0); }));
    };
    add(1, 1, {9}, Axis(0));
    add(1, 3, {9, 3}, Axis(0));
    add(2, 1, {2, 9}, Axis(-1));
    add(3, 2, {3, 9, 2}, Axis(1));
  }
  cases.push_back(Unary(
      "from 3, then zeros", {2, 9},
      [](Recorder& g, Tensor x) { return SliceThenZeros(g, x, Axis(1), 3, 2); },
      [](const Doubles& x) { return Part(x, 2, 1, 3, 9, 2); }));
  return cases;
}

}  // namespace nf
