// What N-BEATS and N-HiTS share: blocks that explain what the blocks before them left over.
#ifndef NF_NN_RESIDUAL_STACK_H_
#define NF_NN_RESIDUAL_STACK_H_

#include <functional>
#include <string>
#include <vector>

#include "graph/recorder.h"

namespace nf {

// The coefficients of one block, split by its basis.
struct BlockOutput {
  Tensor backcast;  // [L], newest first
  Tensor forecast;  // [h, Q]
};

// The doubly residual stack (Oreshkin et al., 2020). y, mask: [L], oldest first. The residual
// starts as y reversed, the forecast at the last value; each block takes its backcast off the
// residual (0 where unobserved) and adds its forecast. values = h * Q.
Tensor ResidualStack(Recorder& g, Tensor y, Tensor mask, int64_t values, int64_t num_blocks,
                     const std::function<BlockOutput(int64_t block, Tensor residual)>& block);

// A block's MLP, named and shaped as the reference has it: Linear(in, units[0][0]) without
// activation, then for each [a, b] Linear(a, b), activation, dropout, then Linear(last, theta).
struct BlockMlp {
  std::vector<std::vector<int64_t>> units;
  Activation activation = Activation::kRelu;
  double dropout = 0.0;

  // name: "blocks.0". Parameters "<name>.layers.<i>.weight", i counting activations and dropouts
  // too.
  Tensor operator()(Recorder& g, Tensor x, int64_t theta, const std::string& name) const;
};

// Throws kOutOfRange unless `units` is a chain of pairs.
void CheckMlpUnits(const std::vector<std::vector<int64_t>>& units, const std::string& path);

}  // namespace nf

#endif  // NF_NN_RESIDUAL_STACK_H_
