// Multi-head attention with its projections (Vaswani et al., 2017).
#ifndef NF_NN_ATTENTION_H_
#define NF_NN_ATTENTION_H_

#include <string>

#include "ops/attention.h"

namespace nf {

// queries [Lq, D] look at keys_values [Lk, D] -> [Lq, D]; the projections are all D wide.
//
// AttentionLayer has NeuralForecast's parameters: "<name>.query_projection.weight" [D, D],
// "<name>.query_projection.bias" [D], and the same of key_projection, value_projection and
// out_projection; fresh ones uniform in +-1/sqrt(D).
Tensor AttentionLayer(Recorder& g, Tensor queries, Tensor keys_values,
                      const AttentionOptions& options, const std::string& name);

// The same with the parameters of torch's nn.MultiheadAttention: "<name>.in_proj_weight" [3 * D, D]
// (of queries, keys, values; fresh ones uniform in +-sqrt(6 / 4 D)), "<name>.in_proj_bias" [3 * D],
// "<name>.out_proj.weight" [D, D] and "<name>.out_proj.bias" [D] (fresh biases are 0).
Tensor MultiheadAttention(Recorder& g, Tensor queries, Tensor keys_values,
                          const AttentionOptions& options, const std::string& name);

// What the queries and keys of the layers so far were, by head side by side: [L, layers * D].
struct ScoreTerms {
  Tensor queries, keys;  // none before the first layer
};

// x [L, D] looks at itself, and every layer adds to its scores those of the layer before (He et
// al., 2021), which has done the same: a sum of products, which is the product of all their
// channels side by side, so that no score has to be kept. `terms` becomes those of this layer too;
// nullptr: its own scores alone. Parameters of NeuralForecast's PatchTST: "<name>.W_Q.weight"
// [D, D], "<name>.W_Q.bias" [D], and the same of W_K, W_V and to_out.0; fresh ones uniform in
// +-1/sqrt(D). `options` gives no scale: it is 1 / sqrt(D / heads).
Tensor ResidualAttention(Recorder& g, Tensor x, AttentionOptions options, ScoreTerms* terms,
                         const std::string& name);

}  // namespace nf

#endif  // NF_NN_ATTENTION_H_
