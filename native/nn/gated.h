// What lets a network pass over what it does not need (Lim et al., 2021), as NeuralForecast has it:
// gates, gated residual networks, and the choice among variables.
#ifndef NF_NN_GATED_H_
#define NF_NN_GATED_H_

#include <string>
#include <vector>

#include "graph/recorder.h"

namespace nf {

// norm(glu(x) + skip): x and skip [time, C]. Parameters "<gate>.lin.weight" [2 C, width of x],
// "<gate>.lin.bias", and those of the norm, unless it is over one value, which it would blot out.
Tensor GateAddNorm(Recorder& g, Tensor x, Tensor skip, const std::string& gate,
                   const std::string& norm);

// What a gated residual network is told beside its input.
struct GrnContext {
  Tensor x = {};       // [hidden]
  bool taken = false;  // it has weights for one; without x the context is 0
};

// Gated residual networks of one width.
struct Grn {
  // "ReLU" "Softplus" "Tanh" "SELU" "LeakyReLU" "Sigmoid" "ELU" "GELU"
  static const std::vector<std::string> kActivations;

  int64_t hidden = 1;
  std::string activation = "ELU";
  double dropout = 0;

  // norm(glu(dropout(lin_i(act(lin_a(x) + lin_c(context))))) + out_proj(x)): x [time, in] -> [time,
  // out]. out 0: as wide as x, which then goes around without a layer.
  Tensor operator()(Recorder& g, Tensor x, int64_t out, const GrnContext& context,
                    const std::string& name) const;

  // Variables [time, n, hidden], each through a network of its own, added up by weights that a
  // network ("<name>.joint_grn", without dropout) makes of all of them and the context -> [time,
  // hidden].
  Tensor SelectVariables(Recorder& g, Tensor variables, const GrnContext& context,
                         const std::string& name) const;

 private:
  // act(x + lin_c(context)).
  Tensor Activate(Recorder& g, Tensor x, const GrnContext& context, const std::string& name) const;
};

}  // namespace nf

#endif  // NF_NN_GATED_H_
