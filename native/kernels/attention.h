// Scaled dot-product attention of one head of one row (Vaswani et al., 2017), tiled with an online
// softmax (Dao et al., 2022): memory is linear in the length. Forward keeps one number a query, the
// log of its sum of exponentials; backward computes the scores again from it.
//
//   P = softmax(scale * Q . K^T)  over the keys that a query sees,   out = dropout(P) . V
//
// Everything is row-major with a stride of its own, so a head is a slice of channels. Kernels use
// one thread. A query's results depend on its own data alone, not on the range of a call.
#ifndef NF_KERNELS_ATTENTION_H_
#define NF_KERNELS_ATTENTION_H_

#include <cstddef>
#include <cstdint>

namespace nf {

struct AttentionArgs {
  size_t queries = 0, keys = 0;
  size_t width = 0, v_width = 0;  // channels of the head: of q and k; of v and out
  const float* q = nullptr;       // [queries, width], rows q_stride floats apart
  const float* k = nullptr;       // [keys, width]
  const float* v = nullptr;       // [keys, v_width]
  size_t q_stride = 0, k_stride = 0, v_stride = 0, out_stride = 0;
  const float* mask = nullptr;  // [keys]: 0 hides a key from every query; nullptr hides none
  bool causal = false;          // query i sees keys j <= i + keys - queries: the last sees all
  float scale = 1.0f;           // > 0

  // Inverted dropout of P. The draw of query i and key j is word j % 4 of Philox4x32({(head *
  // queries + i) * ceil(keys / 4) + j / 4, row, step, op}, seed), each low 32 bits; it is kept when
  // (draw >> 8) * 2^-24 >= dropout.
  float dropout = 0.0f;
  uint64_t seed = 0, step = 0;
  uint32_t op = 0, row = 0, head = 0;

  // Forward writes these, backward reads them. A query that sees no key has an output of zeros and
  // a statistic of +infinity.
  float* out = nullptr;         // [queries, v_width]
  float* statistics = nullptr;  // [queries]: log of the sum over its keys of e^(scale * q . k)

  // Backward. The gradients have the strides of q, k and v; each may be nullptr.
  const float* d_out = nullptr;  // [queries, v_width], stride of out
  float *dq = nullptr, *dk = nullptr, *dv = nullptr;
  bool add_q = true, add_k = true, add_v = true;  // to what they hold; else they are written
};

struct AttentionKernels {
  // Floats of scratch (64-byte aligned) that forward and backward take, of the larger of both
  // widths: at most linear in the number of queries.
  size_t (*scratch_size)(size_t queries, size_t keys, size_t width);
  // Queries [begin, end).
  void (*forward)(const AttentionArgs& args, size_t begin, size_t end, float* scratch);
  void (*backward)(const AttentionArgs& args, float* scratch);
};

}  // namespace nf

#endif  // NF_KERNELS_ATTENTION_H_
