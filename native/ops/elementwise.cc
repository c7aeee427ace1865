#include "ops/elementwise.h"

#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class UnaryOp final : public Op {
 public:
  UnaryOp(const char* op, UnaryMap map, TensorId x, TensorId out, int64_t size)
      : Op(op, {x}, out), map_(map), size_(size), of_x_(ScalarKernels().map.of(map).of_x) {}

  void Forward(const OpContext& c) const override {
    c.kernels->map.of(map_).forward(In(c, 0), Out(c), Size(c.rows * size_));
  }
  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    c.kernels->map.of(map_).backward(of_x_ ? In(c, 0) : Out(c), GradOut(c), GradIn(c, 0),
                                     c.accumulate[0], Size(c.rows * size_));
  }
  bool BackwardReadsInput(int) const override { return of_x_; }
  bool BackwardReadsOutput() const override { return !of_x_; }

 private:
  const UnaryMap map_;
  const int64_t size_;
  const bool of_x_;
};

class BinaryOp final : public Op {
 public:
  BinaryOp(const char* op, BinaryMap map, TensorId a, TensorId b, TensorId out, int64_t size)
      : Op(op, {a, b}, out), map_(map), size_(size), reads_(ScalarKernels().map.of(map).reads) {}

  void Forward(const OpContext& c) const override {
    c.kernels->map.of(map_).forward(In(c, 0), In(c, 1), Out(c), Size(c.rows * size_));
  }
  void Backward(const OpContext& c) const override {
    for (size_t i = 0; i < 2; ++i) {
      if (GradIn(c, i) == nullptr) continue;
      c.kernels->map.of(map_).backward[i](In(c, 0), In(c, 1), GradOut(c), GradIn(c, i),
                                          c.accumulate[i], Size(c.rows * size_));
    }
  }
  bool BackwardReadsInput(int) const override { return reads_; }

 private:
  const BinaryMap map_;
  const int64_t size_;
  const bool reads_;
};

Tensor Record(Recorder& g, const char* op, UnaryMap map, Tensor x) {
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x));
  return g.Record(std::make_unique<UnaryOp>(op, map, x.id, y.id, g.size(x)), y);
}

Tensor Record(Recorder& g, const char* op, BinaryMap map, Tensor a, Tensor b) {
  NF_CHECK(g.size(a) == g.size(b));
  const Tensor y = g.Activation(g.dims(a), g.needs_grad(a) || g.needs_grad(b));
  return g.Record(std::make_unique<BinaryOp>(op, map, a.id, b.id, y.id, g.size(a)), y);
}

}  // namespace

#define NF_UNARY(Name, ...) \
  Tensor Name(Recorder& g, Tensor x) { return Record(g, op_name::k##Name, UnaryMap::k##Name, x); }
#define NF_BINARY(Name, ...)                                      \
  Tensor Name(Recorder& g, Tensor a, Tensor b) {                  \
    return Record(g, op_name::k##Name, BinaryMap::k##Name, a, b); \
  }
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY

}  // namespace nf
