#include "ops/concat.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ops/copy_or_add.h"
#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

// y = [x0 | x1 | ...] in each of `outer` runs of a row; sizes are of one run.
class ConcatOp final : public Op {
 public:
  ConcatOp(std::vector<TensorId> ids, TensorId out, std::vector<int64_t> sizes, int64_t outer)
      : Op(op_name::kConcat, std::move(ids), out), sizes_(std::move(sizes)), outer_(outer) {
    for (int64_t s : sizes_) total_ += s;
  }

  void Forward(const OpContext& c) const override {
    int64_t at = 0;
    for (size_t i = 0; i < inputs.size(); at += sizes_[i], ++i) {
      for (int64_t r = 0; r < c.rows * outer_; ++r) {
        std::copy_n(In(c, i) + r * sizes_[i], sizes_[i], Out(c) + r * total_ + at);
      }
    }
  }

  void Backward(const OpContext& c) const override {
    int64_t at = 0;
    for (size_t i = 0; i < inputs.size(); at += sizes_[i], ++i) {
      float* dx = GradIn(c, i);
      if (dx == nullptr) continue;
      for (int64_t r = 0; r < c.rows * outer_; ++r) {
        CopyOrAdd(c.accumulate[i], GradOut(c) + r * total_ + at, dx + r * sizes_[i], sizes_[i]);
      }
    }
  }

 private:
  const std::vector<int64_t> sizes_;
  const int64_t outer_;
  int64_t total_ = 0;
};

}  // namespace

Tensor Concat(Recorder& g, const std::vector<Tensor>& xs, Axis axis) {
  if (xs.size() == 1) return xs[0];
  const AlongAxis first(g, xs.at(0), axis);
  std::vector<TensorId> ids;
  std::vector<int64_t> sizes;
  int64_t count = 0;
  bool needs_grad = false;
  for (Tensor x : xs) {
    const AlongAxis along(g, x, axis);
    NF_CHECK(along.With(1) == first.With(1));
    ids.push_back(x.id);
    sizes.push_back(along.count * along.inner);
    count += along.count;
    needs_grad |= g.needs_grad(x);
  }
  const Tensor y = g.Activation(first.With(count), needs_grad);
  return g.Record(std::make_unique<ConcatOp>(std::move(ids), y.id, std::move(sizes), first.outer),
                  y);
}

}  // namespace nf
