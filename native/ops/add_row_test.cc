// A row added at each time, in double.
#include "ops/add_row.h"

#include "kernels/ref/activations.h"
#include "testing/op_case.h"

namespace nf {
namespace {

GraphCase Sum(int64_t time, int64_t channels, Activation act, bool one_leaf = false) {
  GraphCase c;
  c.label = Label("time, channels", time, channels) + " activation " +
            std::to_string(static_cast<int>(act)) + (one_leaf ? ", x is the row" : "");
  c.record = [=](Leaves& l) {
    const Tensor row = l.Gradient("row", {channels});
    Recorder& g = l.recorder();
    const Tensor x = one_leaf ? g.Reshape(row, {1, channels}) : l.Gradient("x", {time, channels});
    return AddRow(g, x, row, act);
  };
  c.reference = [=](const Values& v) {
    const Doubles& row = v.at("row");
    Doubles y = v.at(one_leaf ? "row" : "x");
    for (size_t i = 0; i < y.size(); ++i) y[i] = ref::Activate(act, y[i] + row[i % row.size()]);
    return y;
  };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseAddRow() {
  return {Sum(1, 1, Activation::kNone), Sum(4, 9, Activation::kNone), Sum(3, 16, Activation::kElu),
          Sum(5, 7, Activation::kTanh), Sum(1, 6, Activation::kSigmoid, true)};
}

}  // namespace nf
