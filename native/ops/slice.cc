#include "ops/slice.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ops/copy_or_add.h"
#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

// y = x[:, begin : begin + count], then `zeros` zeros, in each of `outer` runs of a row; values of
// all that is inside the axis.
class SliceOp final : public Op {
 public:
  SliceOp(TensorId x, TensorId out, const AlongAxis& along, int64_t begin, int64_t count,
          int64_t zeros)
      : Op(op_name::kSlice, {x}, out),
        outer_(along.outer),
        size_(along.count * along.inner),
        begin_(begin * along.inner),
        count_(count * along.inner),
        zeros_(zeros * along.inner) {}

  void Forward(const OpContext& c) const override {
    float* y = Out(c);
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      y = std::copy_n(In(c, 0) + r * size_ + begin_, count_, y);
      y = std::fill_n(y, zeros_, 0.0f);
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    // The first contribution has to cover the whole gradient: the rest of it is zero.
    if (!c.accumulate[0]) std::fill_n(dx, c.rows * outer_ * size_, 0.0f);
    for (int64_t r = 0; r < c.rows * outer_; ++r) {
      CopyOrAdd(true, GradOut(c) + r * (count_ + zeros_), dx + r * size_ + begin_, count_);
    }
  }

 private:
  const int64_t outer_, size_, begin_, count_, zeros_;
};

Tensor Record(Recorder& g, Tensor x, Axis axis, int64_t begin, int64_t count, int64_t zeros,
              std::vector<int64_t> dims) {
  const AlongAxis along(g, x, axis);
  NF_CHECK(begin >= 0 && count >= 0 && zeros >= 0 && begin + count <= along.count);
  if (dims.empty()) dims = along.With(count + zeros);
  const Tensor y = g.Activation(std::move(dims), g.needs_grad(x));
  NF_CHECK(g.size(y) == along.outer * (count + zeros) * along.inner);
  return g.Record(std::make_unique<SliceOp>(x.id, y.id, along, begin, count, zeros), y);
}

}  // namespace

Tensor Slice(Recorder& g, Tensor x, Axis axis, int64_t begin, int64_t end,
             std::vector<int64_t> dims) {
  return Record(g, x, axis, begin, end - begin, 0, std::move(dims));
}

Tensor SliceThenZeros(Recorder& g, Tensor x, Axis axis, int64_t begin, int64_t zeros) {
  return Record(g, x, axis, begin, AlongAxis(g, x, axis).count - begin, zeros, {});
}

Tensor SliceTime(Recorder& g, Tensor x, int64_t begin, int64_t end) {
  NF_CHECK(g.dims(x).size() == 2);
  if (begin == 0 && end == g.dims(x)[0]) return x;
  return Slice(g, x, Axis(0), begin, end);
}

}  // namespace nf
