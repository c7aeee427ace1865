#include "ops/linear.h"

#include <algorithm>
#include <utility>

#include "ops/op_names.h"
#include "ops/packs.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

struct Shape {
  int64_t in, out;
  int64_t factor;  // a static leading dimension of x: its rows are independent, so only more rows
  int64_t weight_row;  // the first row of W and b that is used, of maybe more than `out`
};

// inputs: x, W, b (or none).
class LinearOp final : public Op {
 public:
  LinearOp(std::vector<TensorId> ids, TensorId out_id, const Shape& shape, Activation act,
           bool input_needs_grad)
      : Op(op_name::kLinear, std::move(ids), out_id),
        in_(shape.in),
        out_(shape.out),
        factor_(shape.factor),
        weight_row_(shape.weight_row),
        act_(act) {
    // Forward multiplies by W^T (in x out), stored out x in; backward by W (out x in) as it lies.
    const TensorId weight = inputs[1];
    const int64_t at = weight_row_ * in_;
    packs.push_back(GemmPack(weight, {Trans::kYes, in_, out_, in_, at}));
    if (input_needs_grad) {
      packs.push_back(ForBackward(GemmPack(weight, {Trans::kNo, out_, in_, in_, at})));
    }
    gradients = {{weight, {inputs.begin() + 2, inputs.end()}}};
    batch_data = {inputs[0]};
    batch_grad = {output};
    // A full tile of the matrix kernel.
    least_rows = (8 + factor_ - 1) / factor_;
    flops_forward = 2 * factor_ * in_ * out_;
    flops_input = input_needs_grad ? flops_forward : 0;
    flops_weight = flops_forward;
  }

  void Forward(const OpContext& c) const override {
    GemmEpilogue epilogue;
    epilogue.bias = inputs.size() > 2 ? In(c, 2) + weight_row_ : nullptr;
    epilogue.activation = act_;
    c.kernels->gemm.packed(Size(c.rows * factor_), Size(out_), Size(in_), In(c, 0), Size(in_),
                           c.Pack(0), Out(c), Size(out_), epilogue);
  }

  // dz = dy * act'(y) in place of dy; dx = dz . W.
  void Backward(const OpContext& c) const override {
    const int64_t rows = c.rows * factor_;
    float* dz = GradOut(c);
    if (act_ != Activation::kNone) {
      c.kernels->activation.backward(act_, Out(c), dz, dz, Size(rows * out_));
    }
    if (GradIn(c, 0) == nullptr) return;
    GemmEpilogue epilogue;
    epilogue.accumulate = c.accumulate[0];
    c.kernels->gemm.packed(Size(rows), Size(in_), Size(out_), dz, Size(out_), c.Pack(1),
                           GradIn(c, 0), Size(in_), epilogue);
  }
  bool BackwardReadsOutput() const override { return act_ != Activation::kNone; }

  // dW[begin:end] = dz^T . x and db[begin:end] = column sums of dz, over all rows; 0 for rows of W
  // that the op does not use.
  void WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha, bool first,
                  float* scratch) const override {
    float* dw = c.grad[inputs[1]];
    float* db = inputs.size() > 2 ? c.grad[inputs[2]] : nullptr;
    const int64_t from = std::clamp(weight_row_, begin, end);
    const int64_t to = std::clamp(weight_row_ + out_, from, end);
    if (first) {
      for (const auto& [clear, stop] : {std::pair(begin, from), std::pair(to, end)}) {
        std::fill(dw + clear * in_, dw + stop * in_, 0.0f);
        if (db != nullptr) std::fill(db + clear, db + stop, 0.0f);
      }
    }
    if (from == to) return;
    const int64_t rows = c.rows * factor_;
    const float* dz = GradOut(c) + from - weight_row_;
    GemmEpilogue epilogue;
    epilogue.alpha = alpha;
    epilogue.accumulate = !first;
    c.kernels->gemm.gemm(Trans::kYes, Trans::kNo, Size(to - from), Size(in_), Size(rows), dz,
                         Size(out_), In(c, 0), Size(in_), dw + from * in_, Size(in_), epilogue,
                         scratch);
    if (db != nullptr) {
      c.kernels->elementwise.column_sums(dz, Size(rows), Size(to - from), Size(out_), alpha, !first,
                                         db + from);
    }
  }
  int64_t WeightGradScratch(const KernelTable& k, size_t, int64_t rows,
                            int64_t out_rows) const override {
    return static_cast<int64_t>(k.gemm.scratch_size(Trans::kYes, Trans::kNo, Size(out_rows),
                                                    Size(in_), Size(rows * factor_)));
  }

 private:
  const int64_t in_, out_, factor_, weight_row_;
  const Activation act_;
};

}  // namespace

Tensor LinearRows(Recorder& g, Tensor x, Weight weight, Weight bias, int64_t begin, int64_t end,
                  Activation act) {
  NF_CHECK(0 <= begin && begin < end && end <= g.dims(weight)[0]);
  const int64_t out = end - begin, in = g.size(weight) / g.dims(weight)[0];
  NF_CHECK(g.dims(x).back() == in || g.size(x) == in);
  std::vector<int64_t> shape = {out};
  if (g.dims(x).back() == in) {
    shape = g.dims(x);
    shape.back() = out;
  }
  std::vector<TensorId> ids = {x.id, weight.id};
  if (!bias.empty()) ids.push_back(bias.id);
  const Tensor y = g.Activation(shape, true);
  const Shape sizes = {in, out, g.size(x) / in, begin};
  return g.Record(std::make_unique<LinearOp>(std::move(ids), y.id, sizes, act, g.needs_grad(x)), y);
}

Tensor Linear(Recorder& g, Tensor x, Weight weight, Weight bias, Activation act) {
  return LinearRows(g, x, weight, bias, 0, g.dims(weight)[0], act);
}

}  // namespace nf
