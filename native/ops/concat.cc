#include "ops/concat.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ops/copy_or_add.h"
#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

// y = [x0 | x1 | ...], at each of `time` times; sizes are of one time.
class ConcatOp final : public Op {
 public:
  ConcatOp(std::vector<TensorId> ids, TensorId out, std::vector<int64_t> sizes, int64_t time)
      : Op(op_name::kConcat, std::move(ids), out), sizes_(std::move(sizes)), time_(time) {
    for (int64_t s : sizes_) total_ += s;
  }

  void Forward(const OpContext& c) const override {
    int64_t at = 0;
    for (size_t i = 0; i < inputs.size(); at += sizes_[i], ++i) {
      for (int64_t r = 0; r < c.rows * time_; ++r) {
        std::copy_n(In(c, i) + r * sizes_[i], sizes_[i], Out(c) + r * total_ + at);
      }
    }
  }

  void Backward(const OpContext& c) const override {
    int64_t at = 0;
    for (size_t i = 0; i < inputs.size(); at += sizes_[i], ++i) {
      float* dx = GradIn(c, i);
      if (dx == nullptr) continue;
      for (int64_t r = 0; r < c.rows * time_; ++r) {
        CopyOrAdd(c.accumulate[i], GradOut(c) + r * total_ + at, dx + r * sizes_[i], sizes_[i]);
      }
    }
  }

 private:
  const std::vector<int64_t> sizes_;
  const int64_t time_;
  int64_t total_ = 0;
};

Tensor Record(Recorder& g, const std::vector<Tensor>& xs, int64_t time, bool by_time) {
  std::vector<TensorId> ids;
  std::vector<int64_t> sizes;
  int64_t total = 0;
  bool needs_grad = false;
  for (Tensor x : xs) {
    NF_CHECK(g.size(x) % time == 0);
    ids.push_back(x.id);
    sizes.push_back(g.size(x) / time);
    total += sizes.back();
    needs_grad |= g.needs_grad(x);
  }
  const Tensor y =
      g.Activation(by_time ? std::vector{time, total} : std::vector{total}, needs_grad);
  return g.Record(std::make_unique<ConcatOp>(std::move(ids), y.id, std::move(sizes), time), y);
}

}  // namespace

Tensor Concat(Recorder& g, const std::vector<Tensor>& xs) {
  return xs.size() == 1 ? xs[0] : Record(g, xs, 1, false);
}

Tensor ConcatLast(Recorder& g, const std::vector<Tensor>& xs, int64_t time) {
  return Record(g, xs, time, true);
}

}  // namespace nf
