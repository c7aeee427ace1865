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

}  // namespace nf

#endif  // NF_NN_ATTENTION_H_
