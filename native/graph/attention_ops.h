// Multi-head attention of the graph.
#ifndef NF_GRAPH_ATTENTION_OPS_H_
#define NF_GRAPH_ATTENTION_OPS_H_

#include "graph/builder.h"
#include "graph/op.h"

namespace nf {

// Where queries, keys or values lie in a row of their tensor: [time, width], of which the op reads
// `channels` from column `begin` on.
struct AttentionPart {
  int64_t time, width, begin, channels;
};

// inputs: q, k, v (which may be one tensor) and, if there is one, the mask of the keys [Lk]; output
// [Lq, channels]. Saves the statistics [heads, Lq] of kernels/attention.h, nothing of size Lq x Lk.
class AttentionOp final : public Op {
 public:
  struct Parts {
    AttentionPart q, k, v;  // as many channels each
  };
  AttentionOp(std::vector<TensorId> inputs, TensorId output, TensorId statistics,
              const Parts& parts, const AttentionOptions& options);

  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  bool BackwardReadsOutput() const override { return true; }
  bool BackwardReadsInput(int) const override { return true; }
  int64_t ScratchFloats(const KernelTable& k) const override;

 private:
  // One head of row r.
  AttentionArgs Head(const OpContext& c, int64_t r, int64_t head) const;
  // Whether the kernel has to add to the gradient of input i, which is cleared if nothing is there.
  bool AddsTo(const OpContext& c, size_t i, const AttentionPart& part) const;

  const Parts parts_;
  const AttentionOptions options_;
  const int64_t width_;  // channels of a head
};

}  // namespace nf

#endif  // NF_GRAPH_ATTENTION_OPS_H_
