#include "graph/linear_ops.h"

namespace nf {
namespace {

size_t Size(int64_t n) { return static_cast<size_t>(n); }

}  // namespace

LinearOp::LinearOp(std::vector<TensorId> ids, TensorId out_id, int64_t in, int64_t out,
                   int64_t factor, Activation act, bool input_needs_grad)
    : Op(OpKind::kLinear, std::move(ids), out_id), in_(in), out_(out), factor_(factor), act_(act) {
  // Forward multiplies by W^T (in x out), stored out x in; backward by W (out x in) as it lies.
  packs.push_back({inputs[1], nullptr, Trans::kYes, in, out, in});
  if (input_needs_grad) packs.push_back({inputs[1], nullptr, Trans::kNo, out, in, in, true});
  weights = {inputs[1]};
  batch_data = {inputs[0]};
  batch_grad = {output};
  // A full tile of the matrix kernel, and 64 rows' worth of work to spread its start-up over.
  least_rows = factor >= 64 ? 1 : 8;
  flops_forward = 2 * factor * in * out;
  flops_input = input_needs_grad ? flops_forward : 0;
  flops_weight = flops_forward;
}

void LinearOp::Forward(const OpContext& c) const {
  GemmEpilogue epilogue;
  epilogue.bias = inputs.size() > 2 ? In(c, 2) : nullptr;
  epilogue.activation = act_;
  c.kernels->gemm.packed(Size(c.rows * factor_), Size(out_), Size(in_), In(c, 0), Size(in_),
                         c.packed + c.packs[0], Out(c), Size(out_), epilogue);
}

void LinearOp::Backward(const OpContext& c) const {
  const int64_t rows = c.rows * factor_;
  float* dz = GradOut(c);
  if (act_ != Activation::kNone) {
    c.kernels->activation.backward(act_, Out(c), dz, dz, Size(rows * out_));
  }
  if (GradIn(c, 0) == nullptr) return;
  GemmEpilogue epilogue;
  epilogue.accumulate = c.accumulate[0];
  c.kernels->gemm.packed(Size(rows), Size(in_), Size(out_), dz, Size(out_), c.packed + c.packs[1],
                         GradIn(c, 0), Size(in_), epilogue);
}

void LinearOp::WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha,
                          bool first, float* scratch) const {
  const int64_t rows = c.rows * factor_;
  const float* dz = GradOut(c) + begin;
  GemmEpilogue epilogue;
  epilogue.alpha = alpha;
  epilogue.accumulate = !first;
  c.kernels->gemm.gemm(Trans::kYes, Trans::kNo, Size(end - begin), Size(in_), Size(rows), dz,
                       Size(out_), In(c, 0), Size(in_), c.grad[inputs[1]] + begin * in_, Size(in_),
                       epilogue, scratch);
  if (inputs.size() > 2) {
    c.kernels->elementwise.column_sums(dz, Size(rows), Size(end - begin), Size(out_), alpha, !first,
                                       c.grad[inputs[2]] + begin);
  }
}

int64_t LinearOp::WeightGradScratch(const KernelTable& k, size_t, int64_t rows,
                                    int64_t out_rows) const {
  return static_cast<int64_t>(k.gemm.scratch_size(Trans::kYes, Trans::kNo, Size(out_rows),
                                                  Size(in_), Size(rows * factor_)));
}

ConstLinearOp::ConstLinearOp(TensorId x, TensorId out_id, const ConstMatrix& c,
                             bool input_needs_grad)
    : Op(OpKind::kConstLinear, std::vector<TensorId>{x}, out_id), matrix_(c) {
  packs.push_back({kNoTensor, matrix_.values.data(), Trans::kNo, c.rows, c.cols, c.cols});
  if (input_needs_grad) {
    packs.push_back({kNoTensor, matrix_.values.data(), Trans::kYes, c.cols, c.rows, c.cols, true});
  }
  least_rows = 8;
  flops_forward = flops_input = 2 * c.rows * c.cols;
}

void ConstLinearOp::Forward(const OpContext& c) const {
  c.kernels->gemm.packed(Size(c.rows), Size(matrix_.cols), Size(matrix_.rows), In(c, 0),
                         Size(matrix_.rows), c.packed + c.packs[0], Out(c), Size(matrix_.cols),
                         GemmEpilogue{});
}

void ConstLinearOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  GemmEpilogue epilogue;
  epilogue.accumulate = c.accumulate[0];
  c.kernels->gemm.packed(Size(c.rows), Size(matrix_.rows), Size(matrix_.cols), GradOut(c),
                         Size(matrix_.cols), c.packed + c.packs[1], GradIn(c, 0),
                         Size(matrix_.rows), epilogue);
}

}  // namespace nf
