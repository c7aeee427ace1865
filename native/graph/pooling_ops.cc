#include "graph/pooling_ops.h"

#include "util/integers.h"

namespace nf {

MaxPoolOp::MaxPoolOp(TensorId x, TensorId out, PoolShape shape)
    : Op(OpKind::kMaxPool, {x}, out), shape_(shape) {}

void MaxPoolOp::Forward(const OpContext& c) const {
  c.kernels->pooling.max_forward(In(c, 0), Size(c.rows), Size(shape_.time), Size(shape_.channels),
                                 Size(shape_.kernel), Out(c));
}

void MaxPoolOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  c.kernels->pooling.max_backward(In(c, 0), Out(c), GradOut(c), Size(c.rows), Size(shape_.time),
                                  Size(shape_.channels), Size(shape_.kernel), c.accumulate[0],
                                  GradIn(c, 0));
}

AveragePoolOp::AveragePoolOp(TensorId x, TensorId out, PoolShape shape)
    : Op(OpKind::kAveragePool, {x}, out), shape_(shape) {}

void AveragePoolOp::Forward(const OpContext& c) const {
  c.kernels->pooling.average_forward(In(c, 0), Size(c.rows), Size(shape_.time),
                                     Size(shape_.channels), Size(shape_.kernel), Out(c));
}

void AveragePoolOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  c.kernels->pooling.average_backward(GradOut(c), Size(c.rows), Size(shape_.time),
                                      Size(shape_.channels), Size(shape_.kernel), c.accumulate[0],
                                      GradIn(c, 0));
}

MovingAverageOp::MovingAverageOp(TensorId x, TensorId out, PoolShape shape)
    : Op(OpKind::kMovingAverage, {x}, out), shape_(shape) {}

void MovingAverageOp::Forward(const OpContext& c) const {
  c.kernels->pooling.moving_average_forward(In(c, 0), Size(c.rows), Size(shape_.time),
                                            Size(shape_.kernel), Out(c));
}

void MovingAverageOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  c.kernels->pooling.moving_average_backward(GradOut(c), Size(c.rows), Size(shape_.time),
                                             Size(shape_.kernel), c.accumulate[0], GradIn(c, 0));
}

}  // namespace nf
