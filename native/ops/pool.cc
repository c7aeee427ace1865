#include "ops/pool.h"

#include <memory>
#include <utility>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

struct Shape {
  int64_t time, channels, kernel;
};

class MaxPoolOp final : public Op {
 public:
  MaxPoolOp(TensorId x, TensorId out, Shape shape)
      : Op(op_name::kMaxPool, {x}, out), shape_(shape) {}

  void Forward(const OpContext& c) const override {
    c.kernels->pooling.max_forward(In(c, 0), Size(c.rows), Size(shape_.time), Size(shape_.channels),
                                   Size(shape_.kernel), Out(c));
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->pooling.max_backward(In(c, 0), Out(c), GradOut(c), Size(c.rows), Size(shape_.time),
                                    Size(shape_.channels), Size(shape_.kernel), c.accumulate[0],
                                    GradIn(c, 0));
  }
  bool BackwardReadsInput(int) const override { return true; }
  bool BackwardReadsOutput() const override { return true; }

 private:
  const Shape shape_;
};

class AveragePoolOp final : public Op {
 public:
  AveragePoolOp(TensorId x, TensorId out, Shape shape)
      : Op(op_name::kAveragePool, {x}, out), shape_(shape) {}

  void Forward(const OpContext& c) const override {
    c.kernels->pooling.average_forward(In(c, 0), Size(c.rows), Size(shape_.time),
                                       Size(shape_.channels), Size(shape_.kernel), Out(c));
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->pooling.average_backward(GradOut(c), Size(c.rows), Size(shape_.time),
                                        Size(shape_.channels), Size(shape_.kernel), c.accumulate[0],
                                        GradIn(c, 0));
  }

 private:
  const Shape shape_;
};

template <class PoolOp>
Tensor Record(Recorder& g, Tensor x, int64_t kernel) {
  std::vector<int64_t> dims = g.dims(x);
  NF_CHECK(dims.size() <= 2 && kernel >= 1);
  if (kernel == 1) return x;
  const Shape shape = {dims[0], dims.size() > 1 ? dims[1] : 1, kernel};
  dims[0] = (shape.time + kernel - 1) / kernel;
  const Tensor y = g.Activation(std::move(dims), g.needs_grad(x));
  return g.Record(std::make_unique<PoolOp>(x.id, y.id, shape), y);
}

}  // namespace

Tensor MaxPool(Recorder& g, Tensor x, int64_t kernel) { return Record<MaxPoolOp>(g, x, kernel); }

Tensor AveragePool(Recorder& g, Tensor x, int64_t kernel) {
  return Record<AveragePoolOp>(g, x, kernel);
}

}  // namespace nf
