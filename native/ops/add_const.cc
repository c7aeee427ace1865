#include "ops/add_const.h"

#include <memory>

#include "ops/op_names.h"
#include "ops/packs.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

class AddConstOp final : public Op {
 public:
  AddConstOp(TensorId x, TensorId out, const ConstMatrix& c)
      : Op(op_name::kAddConst, {x}, out), size_(c.rows * c.cols) {
    packs.push_back(PlainPack(c));
  }

  void Forward(const OpContext& c) const override {
    for (int64_t r = 0; r < c.rows; ++r) {
      c.kernels->map.of(BinaryMap::kAdd)
          .forward(In(c, 0) + r * size_, c.Pack(0), Out(c) + r * size_, Size(size_));
    }
  }
  void Backward(const OpContext& c) const override {
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  }

 private:
  const int64_t size_;
};

}  // namespace

Tensor AddConst(Recorder& g, Tensor x, const ConstMatrix& c) {
  NF_CHECK(c.rows * c.cols == g.size(x));
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x));
  return g.Record(std::make_unique<AddConstOp>(x.id, y.id, c), y);
}

}  // namespace nf
