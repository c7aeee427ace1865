// One learnable scale and shift for all values: the affine part of RevIN (Kim et al., 2022).
#ifndef NF_GRAPH_AFFINE_OPS_H_
#define NF_GRAPH_AFFINE_OPS_H_

#include "graph/op.h"

namespace nf {

// y = x * w + b, or with `inverse` y = (x - b) / w. inputs: x [size], w [1], b [1].
class AffineOp final : public Op {
 public:
  AffineOp(TensorId x, TensorId w, TensorId b, TensorId output, int64_t size, bool inverse);
  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;

  void WeightGrad(const OpContext& c, size_t which, int64_t begin, int64_t end, float alpha,
                  bool first, float* scratch) const override;

 private:
  const int64_t size_;
  const bool inverse_;
};

}  // namespace nf

#endif  // NF_GRAPH_AFFINE_OPS_H_
