#include "graph/norm_ops.h"

#include "util/integers.h"

namespace nf {

LayerNormOp::LayerNormOp(TensorId x, TensorId gamma, TensorId beta, TensorId out_id,
                         TensorId statistics, int64_t time, int64_t n, float epsilon)
    : Op(OpKind::kLayerNorm, {x, gamma, beta}, out_id), time_(time), n_(n), epsilon_(epsilon) {
  saved = {statistics};
  weights = {gamma};
  batch_data = {x, statistics};
  batch_grad = {out_id};
}

void LayerNormOp::Forward(const OpContext& c) const {
  c.kernels->norm.layer_forward(In(c, 0), Size(c.rows * time_), Size(n_), In(c, 1), In(c, 2),
                                epsilon_, Out(c), c.data[saved[0]]);
}

void LayerNormOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  c.kernels->norm.layer_backward(In(c, 0), GradOut(c), Size(c.rows * time_), Size(n_), In(c, 1),
                                 c.data[saved[0]], c.accumulate[0], GradIn(c, 0));
}

void LayerNormOp::WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha,
                             bool first, float*) const {
  const size_t rows = Size(c.rows * time_), columns = Size(end - begin);
  c.kernels->norm.layer_gamma(In(c, 0) + begin, GradOut(c) + begin, c.data[saved[0]], rows, columns,
                              Size(n_), alpha, !first, c.grad[inputs[1]] + begin);
  c.kernels->elementwise.column_sums(GradOut(c) + begin, rows, columns, Size(n_), alpha, !first,
                                     c.grad[inputs[2]] + begin);
}

}  // namespace nf
