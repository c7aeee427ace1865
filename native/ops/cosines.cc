#include "ops/cosines.h"

#include <cmath>
#include <memory>
#include <numbers>

#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

class CosinesOp final : public Op {
 public:
  CosinesOp(TensorId x, TensorId out, int64_t size, int64_t count)
      : Op(op_name::kCosines, {x}, out), size_(size), count_(count) {}

  // cos(i a) from the two before it (Chebyshev), in double: one cosine a number.
  void Forward(const OpContext& c) const override {
    const float* x = In(c, 0);
    float* y = Out(c);
    for (int64_t n = 0; n < c.rows * size_; ++n, y += count_) {
      const double step = std::cos(std::numbers::pi * static_cast<double>(x[n]));
      double before = step, now = 1;  // cosines are even: that of -1 is that of 1
      for (int64_t i = 0; i < count_; ++i) {
        y[i] = static_cast<float>(now);
        const double next = 2 * step * now - before;
        before = now, now = next;
      }
    }
  }
  void Backward(const OpContext&) const override {}

 private:
  const int64_t size_, count_;
};

}  // namespace

Tensor Cosines(Recorder& g, Tensor x, int64_t count) {
  std::vector<int64_t> dims = g.dims(x);
  NF_CHECK(dims.back() == 1 && !g.needs_grad(x));
  dims.back() = count;
  const Tensor y = g.Activation(std::move(dims), false);
  return g.Record(std::make_unique<CosinesOp>(x.id, y.id, g.size(x), count), y);
}

}  // namespace nf
