#include "ops/embed_values.h"

#include <algorithm>
#include <memory>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// inputs: x, the vectors, the bias.
class EmbedValuesOp final : public Op {
 public:
  EmbedValuesOp(TensorId x, TensorId vectors, TensorId bias, TensorId out, int64_t time, int64_t n,
                int64_t channels)
      : Op(op_name::kEmbedValues, {x, vectors, bias}, out),
        time_(time),
        n_(n),
        channels_(channels) {
    gradients = {{vectors, {bias}}};
    batch_data = {x};
    batch_grad = {out};
    flops_forward = flops_weight = 2 * time * n * channels;
  }

  void Forward(const OpContext& c) const override {
    for (int64_t i = 0; i < c.rows * time_; ++i) {
      float* y = Out(c) + i * n_ * channels_;
      std::copy_n(In(c, 2), n_ * channels_, y);
      c.kernels->gating.scale_rows(In(c, 0) + i * n_, 1, In(c, 1), Size(n_), Size(channels_), true,
                                   y);
    }
  }

  void Backward(const OpContext& c) const override {
    if (GradIn(c, 0) == nullptr) return;
    for (int64_t i = 0; i < c.rows * time_; ++i) {
      c.kernels->gating.dot_rows(GradOut(c) + i * n_ * channels_, In(c, 1), Size(n_),
                                 Size(channels_), 1, c.accumulate[0], GradIn(c, 0) + i * n_);
    }
  }

  // Of each variable: x^T . dy, a row.
  void WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha, bool first,
                  float* scratch) const override {
    const size_t times = Size(c.rows * time_), width = Size(channels_), ld = Size(n_ * channels_);
    GemmEpilogue epilogue;
    epilogue.alpha = alpha;
    epilogue.accumulate = !first;
    for (int64_t i = begin; i < end; ++i) {
      c.kernels->gemm.gemm(Trans::kYes, Trans::kNo, 1, width, times, In(c, 0) + i, Size(n_),
                           GradOut(c) + i * channels_, ld, c.grad[inputs[1]] + i * channels_, width,
                           epilogue, scratch);
    }
    c.kernels->elementwise.column_sums(GradOut(c) + begin * channels_, times,
                                       Size((end - begin) * channels_), ld, alpha, !first,
                                       c.grad[inputs[2]] + begin * channels_);
  }
  int64_t WeightGradScratch(const KernelTable& k, size_t, int64_t rows, int64_t) const override {
    return static_cast<int64_t>(
        k.gemm.scratch_size(Trans::kYes, Trans::kNo, 1, Size(channels_), Size(rows * time_)));
  }

 private:
  const int64_t time_, n_, channels_;
};

}  // namespace

Tensor EmbedValues(Recorder& g, Tensor x, Weight vectors, Weight bias) {
  NF_CHECK(g.dims(x).size() == 2 && g.dims(vectors).size() == 2);
  const int64_t time = g.dims(x)[0], n = g.dims(x)[1], channels = g.dims(vectors)[1];
  NF_CHECK(g.dims(vectors)[0] == n && g.dims(bias) == g.dims(vectors));
  const Tensor y = g.Activation({time, n, channels}, true);
  return g.Record(
      std::make_unique<EmbedValuesOp>(x.id, vectors.id, bias.id, y.id, time, n, channels), y);
}

}  // namespace nf
