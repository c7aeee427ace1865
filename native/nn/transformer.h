// Layers of a transformer whose norms stand behind the residual sums (Vaswani et al., 2017), as
// NeuralForecast has them.
#ifndef NF_NN_TRANSFORMER_H_
#define NF_NN_TRANSFORMER_H_

#include <string>

#include "graph/recorder.h"

namespace nf {

struct TransformerOptions {
  int64_t heads = 4;          // divides the width
  int64_t feed_forward = 32;  // hidden units between two layers
  double dropout = 0.0;       // of attention's probabilities and of every sublayer's result
  bool gelu = true;           // else ReLU
};

// x [L, D] -> [L, D]:
//   x = norm1(x + attention(x, x)), x = norm2(x + conv2(act(conv1(x))))
// Parameters "<name>.attention..." (nn/attention.h), "<name>.conv1.weight" [F, D, 1],
// "<name>.conv2.weight" [D, F, 1], their biases, and the norms.
Tensor EncoderLayer(Recorder& g, Tensor x, const TransformerOptions& options,
                    const std::string& name);

// The same with attention to the encoder's result [M, D] between the two, norms 1 to 3:
// "<name>.self_attention...", "<name>.cross_attention...". Nothing is causal. Of x [L, D] only the
// steps from `first` on come out, [L - first, D]: the ones before are seen by them, and what would
// become of those themselves is not computed.
Tensor DecoderLayer(Recorder& g, Tensor x, int64_t first, Tensor memory,
                    const TransformerOptions& options, const std::string& name);

}  // namespace nf

#endif  // NF_NN_TRANSFORMER_H_
