#include "graph/affine_ops.h"

#include <algorithm>

namespace nf {

AffineOp::AffineOp(TensorId x, TensorId w, TensorId b, TensorId out, int64_t size, bool inverse)
    : Op(inverse ? OpKind::kAffineInverse : OpKind::kAffine, {x, w, b}, out),
      size_(size),
      inverse_(inverse) {
  weights = {w};
  batch_data = {x};
  batch_grad = {out};
}

void AffineOp::Forward(const OpContext& c) const {
  const float w = *In(c, 1), b = *In(c, 2);
  const float *x = In(c, 0), scale = inverse_ ? 1.0f / w : w;
  const float shift = inverse_ ? -b * scale : b;
  float* y = Out(c);
  for (int64_t i = 0; i < c.rows * size_; ++i) y[i] = x[i] * scale + shift;
}

void AffineOp::Backward(const OpContext& c) const {
  const float w = *In(c, 1);
  Contribute(c, 0, inverse_ ? 1.0f / w : w, GradOut(c), c.rows * size_);
}

// dw = sum dy * x and db = sum dy; of the inverse, with y = (x - b) / w: dw = -sum dy * y / w and
// db = -sum dy / w. Sums in double over blocks of kKc rows that are added in order, so that chunks
// of such blocks give the bits of one pass.
void AffineOp::WeightGrad(const OpContext& c, size_t, int64_t, int64_t, float alpha, bool first,
                          float*) const {
  float &dw = *c.grad[inputs[1]], &db = *c.grad[inputs[2]];
  if (first) dw = db = 0.0f;
  const double w = *In(c, 1), b = *In(c, 2);
  const int64_t block = static_cast<int64_t>(kKc) * size_, total = c.rows * size_;
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

}  // namespace nf
