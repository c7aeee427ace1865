// Linear layers in double.
#include "ops/linear.h"

#include "kernels/ref/activations.h"
#include "ops/concat.h"
#include "testing/op_case.h"

namespace nf {
namespace {

// x [factor, in] times W^T [in, out].
Doubles LinearReference(const Values& v, int64_t in, int64_t out, Activation act) {
  const Doubles &x = v.at("x"), &w = v.at("weight");
  Doubles y;
  for (size_t row = 0; row < x.size(); row += static_cast<size_t>(in)) {
    for (int64_t o = 0; o < out; ++o) {
      double sum = v.contains("bias") ? v.at("bias")[static_cast<size_t>(o)] : 0.0;
      for (int64_t i = 0; i < in; ++i) {
        sum += x[row + static_cast<size_t>(i)] * w[static_cast<size_t>(o * in + i)];
      }
      y.push_back(ref::Activate(act, sum));
    }
  }
  return y;
}

GraphCase LayerCase(int64_t in, int64_t out, std::vector<int64_t> x_dims, bool bias,
                    Activation act) {
  GraphCase c;
  c.label = Label("linear", in, out) + " factor " + std::to_string(x_dims[0]) + " activation " +
            std::to_string(static_cast<int>(act)) + (bias ? " bias" : "");
  c.record = [=](Leaves& l) {
    const Weight w = l.Weight("weight", {out, in});
    const Weight b = bias ? l.Weight("bias", {out}) : Weight{};
    return Linear(l.recorder(), l.Gradient("x", x_dims), w, b, act);
  };
  c.reference = [=](const Values& v) { return LinearReference(v, in, out, act); };
  return c;
}

// Rows [begin, 7) and then [0, begin) of one weight and bias [7, 4].
GraphCase LinearRowsCase(int64_t begin) {
  GraphCase c;
  c.label = Label("rows from", begin);
  c.record = [=](Leaves& l) {
    const Tensor x = l.Gradient("x", {3, 4});
    const Weight w = l.Weight("weight", {7, 4}), bias = l.Weight("bias", {7});
    Recorder& g = l.recorder();
    const Tensor last = LinearRows(g, x, w, bias, begin, 7, Activation::kTanh);
    return Concat(g, {LinearRows(g, x, w, bias, 0, begin, Activation::kTanh), last}, Axis(1));
  };
  c.reference = [](const Values& v) { return LinearReference(v, 4, 7, Activation::kTanh); };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseLinear() {
  std::vector<GraphCase> cases;
  for (Activation act :
       {Activation::kNone, Activation::kRelu, Activation::kTanh, Activation::kSigmoid,
        Activation::kSoftplus, Activation::kSelu, Activation::kLeakyRelu, Activation::kElu}) {
    cases.push_back(LayerCase(9, 6, {9}, true, act));
  }
  cases.push_back(LayerCase(1, 1, {1}, false, Activation::kNone));
  cases.push_back(LayerCase(37, 35, {37}, false, Activation::kTanh));
  cases.push_back(LayerCase(4, 300, {4}, true, Activation::kNone));  // two tiles of weight gradient
  cases.push_back(LinearRowsCase(2));
  cases.push_back(LinearRowsCase(6));
  cases.push_back(
      LayerCase(4, 3, {6, 4}, true, Activation::kTanh));  // six rows of x a row of batch
  return cases;
}

}  // namespace nf
