#include "ops/moving_average.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class MovingAverageOp final : public Op {
 public:
  MovingAverageOp(TensorId x, TensorId out, int64_t time, int64_t kernel)
      : Op(op_name::kMovingAverage, {x}, out), time_(time), kernel_(kernel) {}

  void Forward(const OpContext& c) const override {
    c.kernels->pooling.moving_average_forward(In(c, 0), Size(c.rows), Size(time_), Size(kernel_),
                                              Out(c));
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->pooling.moving_average_backward(GradOut(c), Size(c.rows), Size(time_), Size(kernel_),
                                               c.accumulate[0], GradIn(c, 0));
  }

 private:
  const int64_t time_, kernel_;
};

}  // namespace

Tensor MovingAverage(Recorder& g, Tensor x, int64_t kernel) {
  NF_CHECK(g.dims(x)[0] == g.size(x) && kernel % 2 == 1);
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x));
  return g.Record(std::make_unique<MovingAverageOp>(x.id, y.id, g.size(x), kernel), y);
}

}  // namespace nf
