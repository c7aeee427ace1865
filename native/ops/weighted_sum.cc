#include "ops/weighted_sum.h"

#include <iterator>
#include <memory>
#include <utility>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: the weights, then the xs.
class WeightedSumOp final : public Op {
 public:
  WeightedSumOp(std::vector<TensorId> ids, TensorId out, int64_t time, int64_t channels)
      : Op(op_name::kWeightedSum, std::move(ids), out), time_(time), channels_(channels) {}

  void Forward(const OpContext& c) const override {
    for (size_t i = 0; i < count(); ++i) {
      c.kernels->gating.scale_rows(In(c, 0) + i, count(), In(c, 1 + i), Size(c.rows * time_),
                                   Size(channels_), i > 0, Out(c));
    }
  }

  void Backward(const OpContext& c) const override {
    for (size_t i = 0; i < count(); ++i) {
      if (GradIn(c, 0) != nullptr) {
        c.kernels->gating.dot_rows(In(c, 1 + i), GradOut(c), Size(c.rows * time_), Size(channels_),
                                   count(), c.accumulate[0], GradIn(c, 0) + i);
      }
      if (GradIn(c, 1 + i) == nullptr) continue;
      c.kernels->gating.scale_rows(In(c, 0) + i, count(), GradOut(c), Size(c.rows * time_),
                                   Size(channels_), c.accumulate[1 + i], GradIn(c, 1 + i));
    }
  }
  bool BackwardReadsInput(int) const override { return true; }

 private:
  size_t count() const { return inputs.size() - 1; }

  const int64_t time_, channels_;
};

}  // namespace

Tensor WeightedSum(Recorder& g, Tensor weights, const std::vector<Tensor>& xs) {
  const std::vector<int64_t> dims = g.dims(xs.at(0));
  NF_CHECK(dims.size() == 2);
  NF_CHECK(g.dims(weights) == (std::vector<int64_t>{dims[0], std::ssize(xs)}));
  std::vector<TensorId> ids = {weights.id};
  bool needs_grad = g.needs_grad(weights);
  for (Tensor x : xs) {
    NF_CHECK(g.dims(x) == dims);
    ids.push_back(x.id);
    needs_grad |= g.needs_grad(x);
  }
  const Tensor y = g.Activation(dims, needs_grad);
  return g.Record(std::make_unique<WeightedSumOp>(std::move(ids), y.id, dims[0], dims[1]), y);
}

}  // namespace nf
