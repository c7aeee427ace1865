#include "ops/slice.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ops/copy_or_add.h"
#include "ops/op_names.h"
#include "util/error.h"

namespace nf {
namespace {

// y = x[:, begin : begin + count], then `zeros` zeros.
class SliceOp final : public Op {
 public:
  SliceOp(TensorId x, TensorId out, int64_t size, int64_t begin, int64_t count, int64_t zeros)
      : Op(op_name::kSlice, {x}, out), size_(size), begin_(begin), count_(count), zeros_(zeros) {}

  void Forward(const OpContext& c) const override {
    float* y = Out(c);
    for (int64_t r = 0; r < c.rows; ++r) {
      y = std::copy_n(In(c, 0) + r * size_ + begin_, count_, y);
      y = std::fill_n(y, zeros_, 0.0f);
    }
  }

  void Backward(const OpContext& c) const override {
    float* dx = GradIn(c, 0);
    if (dx == nullptr) return;
    // The first contribution has to cover the whole gradient: the rest of it is zero.
    if (!c.accumulate[0]) std::fill_n(dx, c.rows * size_, 0.0f);
    for (int64_t r = 0; r < c.rows; ++r) {
      CopyOrAdd(true, GradOut(c) + r * (count_ + zeros_), dx + r * size_ + begin_, count_);
    }
  }

 private:
  const int64_t size_, begin_, count_, zeros_;
};

Tensor Record(Recorder& g, Tensor x, int64_t begin, int64_t count, int64_t zeros,
              std::vector<int64_t> dims) {
  NF_CHECK(begin >= 0 && count >= 0 && zeros >= 0 && begin + count <= g.size(x));
  const Tensor y = g.Activation(std::move(dims), g.needs_grad(x));
  NF_CHECK(g.size(y) == count + zeros);
  return g.Record(std::make_unique<SliceOp>(x.id, y.id, g.size(x), begin, count, zeros), y);
}

}  // namespace

Tensor Slice(Recorder& g, Tensor x, int64_t begin, int64_t end, std::vector<int64_t> dims) {
  if (dims.empty()) dims = {end - begin};
  return Record(g, x, begin, end - begin, 0, std::move(dims));
}

Tensor SliceThenZeros(Recorder& g, Tensor x, int64_t begin, int64_t zeros,
                      std::vector<int64_t> dims) {
  return Record(g, x, begin, g.size(x) - begin, zeros, std::move(dims));
}

Tensor SliceTime(Recorder& g, Tensor x, int64_t begin, int64_t end) {
  NF_CHECK(g.dims(x).size() == 2);
  const int64_t channels = g.dims(x)[1];
  if (begin == 0 && end == g.dims(x)[0]) return x;
  return Slice(g, x, begin * channels, end * channels, {end - begin, channels});
}

}  // namespace nf
