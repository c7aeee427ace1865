// Multi-head scaled dot-product attention (Vaswani et al., 2017).
#ifndef NF_OPS_ATTENTION_H_
#define NF_OPS_ATTENTION_H_

#include "graph/recorder.h"

namespace nf {

// A range of the channels of a tensor [time, C]; from the tensor alone: all of them.
struct Channels {
  Channels(Tensor tensor) : x(tensor) {}
  Channels(Tensor tensor, int64_t first, int64_t number) : x(tensor), begin(first), count(number) {}
  Tensor x;
  int64_t begin = 0, count = 0;  // 0: all
};

struct AttentionOptions {
  int64_t heads = 1;     // divides the channels; a head is a range of channels
  bool causal = false;   // query i sees keys up to i + Lk - Lq: the last one sees all
  double dropout = 0.0;  // of the probabilities, [0, 1)
  double scale = 0.0;    // of q . k; 0: 1 / sqrt(its channels of a head)
  // All heads have the same values: v has the channels of one head, V / heads.
  bool shared_values = false;
};

// q [Lq, C], k [Lk, C] and v [Lk, V] -> [Lq, V]. They may be channels of one tensor. mask [Lk]: 0
// hides a key. A query that sees no key gives zeros.
Tensor Attention(Recorder& g, Channels q, Channels k, Channels v, const AttentionOptions& options,
                 Tensor mask = {});

}  // namespace nf

#endif  // NF_OPS_ATTENTION_H_
