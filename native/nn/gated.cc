#include "nn/gated.h"

#include <algorithm>
#include <cmath>

#include "nn/linear.h"
#include "nn/norm.h"
#include "ops/add_row.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"
#include "ops/glu.h"
#include "ops/slice.h"
#include "ops/softmax.h"
#include "ops/weighted_sum.h"

namespace nf {
namespace {

// What a linear layer applies itself; GELU, whose slope is not a function of its value, is an op.
Activation Fused(const std::string& name) {
  if (name == "GELU") return Activation::kNone;
  return name == "ELU" ? Activation::kElu : ParseActivation(name);
}

}  // namespace

const std::vector<std::string> Grn::kActivations = {"ReLU",      "Softplus", "Tanh", "SELU",
                                                    "LeakyReLU", "Sigmoid",  "ELU",  "GELU"};

Tensor GateAddNorm(Recorder& g, Tensor x, Tensor skip, const std::string& gate,
                   const std::string& norm) {
  const int64_t out = g.dims(skip).back();
  const Tensor halves = LinearLayer(g, x, 2 * out, Activation::kNone, gate + ".lin");
  const Tensor sum = Add(g, Glu(g, halves, Axis(-1)), skip);
  return out == 1 ? sum : LayerNorm(g, sum, norm, 1e-3);
}

Tensor Grn::operator()(Recorder& g, Tensor x, int64_t out, const GrnContext& context,
                       const std::string& name) const {
  Tensor y = Activate(g, x, context, name);
  y = LinearLayer(g, y, hidden, Activation::kNone, name + ".lin_i");
  const Tensor skip = out == 0 ? x : LinearLayer(g, x, out, Activation::kNone, name + ".out_proj");
  return GateAddNorm(g, Dropout(g, y, dropout), skip, name + ".glu", name + ".layer_norm.ln");
}

Tensor Grn::Activate(Recorder& g, Tensor x, const GrnContext& context,
                     const std::string& name) const {
  const Activation act = Fused(activation);
  const bool added = !context.x.empty();
  Tensor y = LinearLayer(g, x, hidden, added ? Activation::kNone : act, name + ".lin_a");
  if (added) {
    const Tensor row = LinearLayer(g, context.x, hidden, Activation::kNone, name + ".lin_c", false);
    y = AddRow(g, y, row, act);
  } else if (context.taken) {
    // Nothing to multiply: a weight that has no part in the forecast, so that files go both ways.
    g.Parameter(name + ".lin_c.weight", {hidden, hidden},
                1.0 / std::sqrt(static_cast<double>(hidden)));
  }
  return activation == "GELU" ? Gelu(g, y) : y;
}

Tensor Grn::SelectVariables(Recorder& g, Tensor variables, const GrnContext& context,
                            const std::string& name) const {
  const int64_t time = g.dims(variables)[0], n = g.dims(variables)[1];
  Grn joint = *this;
  joint.dropout = 0;
  const Tensor scores =
      joint(g, g.Reshape(variables, {time, n * hidden}), n, context, name + ".joint_grn");
  std::vector<Tensor> chosen;
  for (int64_t i = 0; i < n; ++i) {
    const Tensor variable = Slice(g, variables, Axis(1), i, i + 1, {time, hidden});
    chosen.push_back((*this)(g, variable, 0, {}, name + ".var_grns." + std::to_string(i)));
  }
  // The weight of one alone is 1: what was recorded for it is left out of every program.
  if (n == 1) return chosen[0];
  return WeightedSum(g, Softmax(g, scores, Axis(-1)), chosen);
}

}  // namespace nf
