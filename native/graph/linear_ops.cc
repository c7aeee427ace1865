#include "graph/linear_ops.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "util/integers.h"

namespace nf {
namespace {

// Tiles of a large constant. Rows in blocks as the matrix kernel sums them: the same bits.
constexpr int64_t kTileRows = static_cast<int64_t>(kKc), kTileColumns = 128;

}  // namespace

LinearOp::LinearOp(std::vector<TensorId> ids, TensorId out_id, const LinearShape& shape,
                   Activation act, bool input_needs_grad)
    : Op(OpKind::kLinear, std::move(ids), out_id),
      in_(shape.in),
      out_(shape.out),
      factor_(shape.factor),
      weight_row_(shape.weight_row),
      act_(act) {
  // Forward multiplies by W^T (in x out), stored out x in; backward by W (out x in) as it lies.
  const int64_t at = weight_row_ * in_;
  packs.push_back({inputs[1], nullptr, Trans::kYes, in_, out_, in_, false, at});
  if (input_needs_grad) packs.push_back({inputs[1], nullptr, Trans::kNo, out_, in_, in_, true, at});
  weights = {inputs[1]};
  batch_data = {inputs[0]};
  batch_grad = {output};
  // A full tile of the matrix kernel.
  least_rows = (8 + factor_ - 1) / factor_;
  flops_forward = 2 * factor_ * in_ * out_;
  flops_input = input_needs_grad ? flops_forward : 0;
  flops_weight = flops_forward;
}

void LinearOp::Forward(const OpContext& c) const {
  GemmEpilogue epilogue;
  epilogue.bias = inputs.size() > 2 ? In(c, 2) + weight_row_ : nullptr;
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

int64_t LinearOp::WeightGradScratch(const KernelTable& k, size_t, int64_t rows,
                                    int64_t out_rows) const {
  return static_cast<int64_t>(k.gemm.scratch_size(Trans::kYes, Trans::kNo, Size(out_rows),
                                                  Size(in_), Size(rows * factor_)));
}

TimeLinearOp::TimeLinearOp(TensorId x, TensorId weight, TensorId bias, TensorId out, int64_t time,
                           int64_t channels, int64_t steps)
    : Op(OpKind::kTimeLinear, {x, weight, bias}, out),
      time_(time),
      channels_(channels),
      steps_(steps) {
  weights = {weight};
  batch_data = {x};
  batch_grad = {out};
  flops_forward = flops_input = flops_weight = 2 * time * channels * steps;
}

void TimeLinearOp::Forward(const OpContext& c) const {
  GemmEpilogue onto_bias;
  onto_bias.accumulate = true;
  for (int64_t r = 0; r < c.rows; ++r) {
    float* y = Out(c) + r * steps_ * channels_;
    for (int64_t s = 0; s < steps_; ++s) {
      std::fill_n(y + s * channels_, channels_, In(c, 2)[s]);
    }
    c.kernels->gemm.gemm(Trans::kNo, Trans::kNo, Size(steps_), Size(channels_), Size(time_),
                         In(c, 1), Size(time_), In(c, 0) + r * time_ * channels_, Size(channels_),
                         y, Size(channels_), onto_bias, c.scratch);
  }
}

// dx = W^T . dy.
void TimeLinearOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  GemmEpilogue epilogue;
  epilogue.accumulate = c.accumulate[0];
  for (int64_t r = 0; r < c.rows; ++r) {
    c.kernels->gemm.gemm(Trans::kYes, Trans::kNo, Size(time_), Size(channels_), Size(steps_),
                         In(c, 1), Size(time_), GradOut(c) + r * steps_ * channels_,
                         Size(channels_), GradIn(c, 0) + r * time_ * channels_, Size(channels_),
                         epilogue, c.scratch);
  }
}

// dW = sum over rows of dy . x^T; db = the sums of dy over channels and rows.
void TimeLinearOp::WeightGrad(const OpContext& c, size_t, int64_t begin, int64_t end, float alpha,
                              bool first, float* scratch) const {
  float* db = c.grad[inputs[2]];
  GemmEpilogue epilogue;
  epilogue.alpha = alpha;
  epilogue.accumulate = !first;
  if (first) std::fill(db + begin, db + end, 0.0f);
  for (int64_t r = 0; r < c.rows; ++r) {
    const float* dy = GradOut(c) + r * steps_ * channels_;
    c.kernels->gemm.gemm(Trans::kNo, Trans::kYes, Size(end - begin), Size(time_), Size(channels_),
                         dy + begin * channels_, Size(channels_), In(c, 0) + r * time_ * channels_,
                         Size(channels_), c.grad[inputs[1]] + begin * time_, Size(time_), epilogue,
                         scratch);
    epilogue.accumulate = true;
    for (int64_t s = begin; s < end; ++s) {
      const float* row = dy + s * channels_;
      db[s] += alpha * std::accumulate(row, row + channels_, 0.0f);
    }
  }
}

int64_t TimeLinearOp::WeightGradScratch(const KernelTable& k, size_t, int64_t,
                                        int64_t out_rows) const {
  return static_cast<int64_t>(
      k.gemm.scratch_size(Trans::kNo, Trans::kYes, Size(out_rows), Size(time_), Size(channels_)));
}

int64_t TimeLinearOp::ScratchFloats(const KernelTable& k) const {
  return static_cast<int64_t>(std::max(
      k.gemm.scratch_size(Trans::kNo, Trans::kNo, Size(steps_), Size(channels_), Size(time_)),
      k.gemm.scratch_size(Trans::kYes, Trans::kNo, Size(time_), Size(channels_), Size(steps_))));
}

ConstLinearOp::ConstLinearOp(TensorId x, TensorId out_id, const ConstMatrix& c, int64_t factor,
                             bool input_needs_grad)
    : Op(OpKind::kConstLinear, std::vector<TensorId>{x}, out_id), matrix_(c), factor_(factor) {
  least_rows = (8 + factor_ - 1) / factor_;
  flops_forward = flops_input = 2 * factor_ * c.rows * c.cols;
  if (large()) return;
  packs.push_back({kNoTensor, &matrix_, Trans::kNo, c.rows, c.cols, c.cols});
  if (input_needs_grad) {
    packs.push_back({kNoTensor, &matrix_, Trans::kYes, c.cols, c.rows, c.cols, true});
  }
}

bool ConstLinearOp::large() const {
  constexpr int64_t kMostPacked = int64_t{1} << 22;  // floats: 16 MB
  return matrix_.rows * matrix_.cols > kMostPacked;
}

// A tile of C as it lies, and packed.
int64_t ConstLinearOp::ScratchFloats(const KernelTable& k) const {
  return large() ? kTileRows * kTileColumns +
                       static_cast<int64_t>(k.gemm.packed_size(kTileRows, kTileColumns))
                 : 0;
}

void ConstLinearOp::Product(const OpContext& c, size_t pack, Trans trans, const float* x, float* y,
                            bool accumulate) const {
  const bool by_rows = trans == Trans::kYes;
  const int64_t k = by_rows ? matrix_.cols : matrix_.rows;
  const int64_t n = by_rows ? matrix_.rows : matrix_.cols;
  const auto& gemm = c.kernels->gemm;
  GemmEpilogue epilogue;
  epilogue.accumulate = accumulate;
  if (!large()) {
    gemm.packed(Size(c.rows * factor_), Size(n), Size(k), x, Size(k), c.packed + c.packs[pack], y,
                Size(n), epilogue);
    return;
  }
  float *tile = c.scratch, *packed = tile + kTileRows * kTileColumns;
  for (int64_t j = 0; j < n; j += kTileColumns) {
    const int64_t columns = std::min(kTileColumns, n - j);
    for (int64_t p = 0; p < k; p += kTileRows) {
      const int64_t rows = std::min(kTileRows, k - p);
      if (by_rows) {
        matrix_.Fill(j, j + columns, p, p + rows, tile);
      } else {
        matrix_.Fill(p, p + rows, j, j + columns, tile);
      }
      gemm.pack(trans, tile, Size(by_rows ? rows : columns), Size(rows), Size(columns), 0,
                Size(columns), packed);
      epilogue.accumulate = accumulate || p > 0;
      gemm.packed(Size(c.rows * factor_), Size(columns), Size(rows), x + p, Size(k), packed, y + j,
                  Size(n), epilogue);
    }
  }
}

void ConstLinearOp::Forward(const OpContext& c) const {
  Product(c, 0, Trans::kNo, In(c, 0), Out(c), false);
}

void ConstLinearOp::Backward(const OpContext& c) const {
  if (GradIn(c, 0) == nullptr) return;
  Product(c, 1, Trans::kYes, GradOut(c), GradIn(c, 0), c.accumulate[0]);
}

}  // namespace nf
