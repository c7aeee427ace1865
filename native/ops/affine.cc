#include "ops/affine.h"

#include <algorithm>
#include <memory>

#include "kernels/sum_blocks.h"
#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

// inputs: x [size], w [1], b [1].
class AffineOp final : public Op {
 public:
  AffineOp(TensorId x, TensorId w, TensorId b, TensorId out, int64_t size, bool inverse)
      : Op(inverse ? op_name::kAffineInverse : op_name::kAffine, {x, w, b}, out),
        size_(size),
        inverse_(inverse) {
    gradients = {{w, {b}}};
    batch_data = {x};
    batch_grad = {out};
  }

  void Forward(const OpContext& c) const override {
    const float w = *In(c, 1), b = *In(c, 2);
    const float *x = In(c, 0), scale = inverse_ ? 1.0f / w : w;
    const float shift = inverse_ ? -b * scale : b;
    float* y = Out(c);
    for (int64_t i = 0; i < c.rows * size_; ++i) y[i] = x[i] * scale + shift;
  }

  void Backward(const OpContext& c) const override {
    const float w = *In(c, 1);
    Contribute(c, 0, inverse_ ? 1.0f / w : w, GradOut(c), c.rows * size_);
  }

  // dw = sum dy * x and db = sum dy; of the inverse, with y = (x - b) / w: dw = -sum dy * y / w and
  // db = -sum dy / w. Sums in double by the blocks of kernels/sum_blocks.h.
  void WeightGrad(const OpContext& c, size_t, int64_t, int64_t, float alpha, bool first,
                  float*) const override {
    float &dw = *c.grad[inputs[1]], &db = *c.grad[inputs[2]];
    if (first) dw = db = 0.0f;
    const double w = *In(c, 1), b = *In(c, 2);
    const int64_t block = SumBlockRows() * size_, total = c.rows * size_;
    for (int64_t begin = 0; begin < total; begin += block) {
      double sum_w = 0.0, sum_b = 0.0;
      for (int64_t i = begin; i < std::min(begin + block, total); ++i) {
        const double dy = GradOut(c)[i], x = In(c, 0)[i];
        sum_w += inverse_ ? -dy * (x - b) / (w * w) : dy * x;
        sum_b += inverse_ ? -dy / w : dy;
      }
      dw += alpha * static_cast<float>(sum_w);
      db += alpha * static_cast<float>(sum_b);
    }
  }

 private:
  const int64_t size_;
  const bool inverse_;
};

Tensor Record(Recorder& g, Tensor x, Weight w, Weight b, bool inverse) {
  NF_CHECK(g.size(w) == 1 && g.size(b) == 1);
  const Tensor y = g.Activation(g.dims(x), true);
  return g.Record(std::make_unique<AffineOp>(x.id, w.id, b.id, y.id, g.size(x), inverse), y);
}

}  // namespace

Tensor Affine(Recorder& g, Tensor x, Weight w, Weight b) { return Record(g, x, w, b, false); }

Tensor AffineInverse(Recorder& g, Tensor x, Weight w, Weight b) { return Record(g, x, w, b, true); }

}  // namespace nf
