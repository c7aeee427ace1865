// The encoder of a time series transformer (Zerveas et al., 2021) as PatchTST has it: norms over
// the batch, and attention that adds the scores of the layer before.
#ifndef NF_NN_TST_H_
#define NF_NN_TST_H_

#include <string>

#include "nn/attention.h"

namespace nf {

struct TstOptions {
  int64_t heads = 16;          // divides the width
  int64_t feed_forward = 256;  // hidden units between two layers
  double dropout = 0.0;        // of every sublayer's result
  double attention_dropout = 0.0;
  bool gelu = true;                // else ReLU
  bool pre_norm = false;           // norms stand before the sublayers, not behind the sums
  bool residual_attention = true;  // scores are handed on from layer to layer
};

// x [L, D] -> [L, D]:
//   x = norm_attn(x + attention(x)), x = norm_ffn(x + ff.3(act(ff.0(x))))
// with pre_norm:
//   x = norm_attn(x), x = x + attention(x), x = norm_ffn(x), x = x + ff.3(act(ff.0(x)))
// Parameters "<name>.self_attn..." (ResidualAttention), "<name>.ff.0" [F, D], "<name>.ff.3" [D, F],
// and the batch norms "<name>.norm_attn.1" and "<name>.norm_ffn.1". `terms` goes from one layer to
// the next.
Tensor TstLayer(Recorder& g, Tensor x, const TstOptions& options, ScoreTerms& terms,
                const std::string& name);

}  // namespace nf

#endif  // NF_NN_TST_H_
