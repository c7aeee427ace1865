#include "ops/layer_norm.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: x, gamma, beta. Saves mean and 1 / std of every time.
class LayerNormOp final : public Op {
 public:
  LayerNormOp(TensorId x, TensorId gamma, TensorId beta, TensorId out_id, TensorId statistics,
              int64_t time, int64_t n, float epsilon)
      : Op(op_name::kLayerNorm, {x, gamma, beta}, out_id), time_(time), n_(n), epsilon_(epsilon) {
    saved = {statistics};
    gradients = {{gamma, {beta}}};
    batch_data = {x, statistics};
    batch_grad = {out_id};
  }

  void Forward(const OpContext& c) const override {
    c.kernels->norm.layer_forward(In(c, 0), Size(c.rows * time_), Size(n_), In(c, 1), In(c, 2),
                                  epsilon_, Out(c), c.data[saved[0]]);
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->norm.layer_backward(In(c, 0), GradOut(c), Size(c.rows * time_), Size(n_), In(c, 1),
                                   c.data[saved[0]], c.accumulate[0], GradIn(c, 0));
  }
  bool BackwardReadsInput(int i) const override { return i == 0; }

  void WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha, bool first,
                  float*) const override {
    const size_t rows = Size(c.rows * time_), columns = Size(end - begin);
    c.kernels->norm.layer_gamma(In(c, 0) + begin, GradOut(c) + begin, c.data[saved[0]], rows,
                                columns, Size(n_), alpha, !first, c.grad[inputs[1]] + begin);
    c.kernels->elementwise.column_sums(GradOut(c) + begin, rows, columns, Size(n_), alpha, !first,
                                       c.grad[inputs[2]] + begin);
  }

 private:
  const int64_t time_, n_;
  const float epsilon_;
};

}  // namespace

Tensor LayerNorm(Recorder& g, Tensor x, Weight gamma, Weight beta, double epsilon) {
  const int64_t n = g.dims(x).back(), time = g.size(x) / n;
  NF_CHECK(g.size(gamma) == n && g.size(beta) == n && epsilon > 0);
  const Tensor y = g.Activation(g.dims(x), true);
  const TensorId statistics = g.Kept({time, 2});
  return g.Record(std::make_unique<LayerNormOp>(x.id, gamma.id, beta.id, y.id, statistics, time, n,
                                                static_cast<float>(epsilon)),
                  y);
}

}  // namespace nf
