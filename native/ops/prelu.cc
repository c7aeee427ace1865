#include "ops/prelu.h"

#include <algorithm>
#include <memory>

#include "kernels/sum_blocks.h"
#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

// inputs: x [size], slope [1].
class PReluOp final : public Op {
 public:
  PReluOp(TensorId x, TensorId slope, TensorId out, int64_t size)
      : Op(op_name::kPRelu, {x, slope}, out), size_(size) {
    gradients = {{slope}};
    batch_data = {x};
    batch_grad = {out};
  }
  bool BackwardReadsInput(int input) const override { return input == 0; }

  void Forward(const OpContext& c) const override {
    const float slope = *In(c, 1), *x = In(c, 0);
    float* y = Out(c);
    for (int64_t i = 0; i < c.rows * size_; ++i) y[i] = x[i] > 0 ? x[i] : slope * x[i];
  }

  void Backward(const OpContext& c) const override {
    const float slope = *In(c, 1), *x = In(c, 0), *dy = GradOut(c);
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    const bool add = c.accumulate[0] != 0;
    for (int64_t i = 0; i < c.rows * size_; ++i) {
      const float own = x[i] > 0 ? dy[i] : slope * dy[i];
      dx[i] = add ? dx[i] + own : own;
    }
  }

  // The sum of dy * min(x, 0), in double by the blocks of kernels/sum_blocks.h.
  void WeightGrad(const OpContext& c, size_t, int64_t, int64_t, float alpha, bool first,
                  float*) const override {
    float& slope = *c.grad[inputs[1]];
    if (first) slope = 0.0f;
    const int64_t block = SumBlockRows() * size_, total = c.rows * size_;
    for (int64_t begin = 0; begin < total; begin += block) {
      double sum = 0;
      for (int64_t i = begin; i < std::min(begin + block, total); ++i) {
        const double dy = GradOut(c)[i], x = In(c, 0)[i];
        if (!(x > 0)) sum += dy * x;
      }
      slope += alpha * static_cast<float>(sum);
    }
  }

 private:
  const int64_t size_;
};

}  // namespace

Tensor PRelu(Recorder& g, Tensor x, Weight slope) {
  NF_CHECK(g.size(slope) == 1);
  const Tensor y = g.Activation(g.dims(x), true);
  return g.Record(std::make_unique<PReluOp>(x.id, slope.id, y.id, g.size(x)), y);
}

}  // namespace nf
