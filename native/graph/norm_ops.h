// Normalisation over channels.
#ifndef NF_GRAPH_NORM_OPS_H_
#define NF_GRAPH_NORM_OPS_H_

#include "graph/op.h"

namespace nf {

// Layer normalisation of x [time, n] by time: inputs x, gamma [n], beta [n]. Saves mean and 1 / std
// of every time.
class LayerNormOp final : public Op {
 public:
  LayerNormOp(TensorId x, TensorId gamma, TensorId beta, TensorId output, TensorId statistics,
              int64_t time, int64_t n, float epsilon);

  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  bool BackwardReadsInput(int i) const override { return i == 0; }
  // Of gamma and, with it, of beta.
  void WeightGrad(const OpContext& c, size_t which, int64_t begin, int64_t end, float alpha,
                  bool first, float* scratch) const override;

 private:
  const int64_t time_, n_;
  const float epsilon_;
};

}  // namespace nf

#endif  // NF_GRAPH_NORM_OPS_H_
