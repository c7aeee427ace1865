#include <algorithm>

#include "ops/recurrent_op.h"
#include "util/integers.h"
#include "util/job_control.h"

namespace nf {
namespace {

constexpr int64_t kNarrow = 8;  // inputs

// dW [n, in] (+)= dz^T . x for few inputs, as (x^T . dz)^T: the product reads dz as it lies instead
// of packing its transpose, which was 4% of an LSTM's step where the input is the series alone.
void NarrowProduct(const OpContext& c, int64_t rows, const float* dz, int64_t ld, int64_t n,
                   const float* x, int64_t in, const GemmEpilogue& epilogue, float* dw,
                   float* scratch) {
  float* transposed = scratch;  // [in, n]
  for (int64_t i = 0; i < in && epilogue.accumulate; ++i) {
    for (int64_t j = 0; j < n; ++j) transposed[i * n + j] = dw[j * in + i];
  }
  c.kernels->gemm.gemm(Trans::kYes, Trans::kNo, Size(in), Size(n), Size(rows), x, Size(in), dz,
                       Size(ld), transposed, Size(n), epilogue, scratch + RoundUp(in * n, 16));
  for (int64_t i = 0; i < in; ++i) {
    for (int64_t j = 0; j < n; ++j) dw[j * in + i] = transposed[i * n + j];
  }
}

}  // namespace

void RecurrentOp::Backward(const OpContext& c) const {
  const RecurrentWork work(Data(c, ids_.work), c.rows, s_);
  if (s_.cell_out) {
    for (int64_t r = 0; r < c.rows; ++r) {
      std::copy_n(GradOut(c) + r * out_size() + s_.time * s_.width, s_.units,
                  work.cell_grad + r * s_.units);
    }
  }
  for (int64_t i = s_.time - 1; i >= 0; --i) {
    ThrowIfStopped();
    BackwardStep(c, At(i));
  }
  if (at_.h0 >= 0) Contribute(c, Size(at_.h0), 1.0f, work.hidden_grad, c.rows * s_.width);
  if (at_.c0 >= 0) Contribute(c, Size(at_.c0), 1.0f, work.cell_grad, c.rows * s_.units);
  if (GradIn(c, 0) == nullptr) return;
  GemmEpilogue epilogue;
  epilogue.accumulate = c.accumulate[0];
  c.kernels->gemm.packed(Size(c.rows * s_.time), Size(s_.in), Size(gates() * s_.units),
                         Data(c, ids_.kept), Size(kept()), c.Pack(Size(backward_x_)), GradIn(c, 0),
                         Size(s_.in), epilogue);
}

// The gradient of `outputs` at a step [rows, H]: that of h, kept for W_hr, times W_hr.
const float* RecurrentOp::ProjectionGrad(const OpContext& c, const Step& step) const {
  const int64_t T = s_.time, H = s_.units, K = s_.width;
  const RecurrentWork work(Data(c, ids_.work), c.rows, s_);
  float* total = Data(c, ids_.grads) + step.t * K;
  for (int64_t r = 0; r < c.rows; ++r) {
    const float* dy = GradOut(c) + r * out_size() + step.t * K;
    if (step.last) {
      std::copy_n(dy, K, total + r * T * K);
    } else {
      c.kernels->map.of(BinaryMap::kAdd)
          .forward(dy, work.hidden_grad + r * K, total + r * T * K, Size(K));
    }
  }
  c.kernels->gemm.packed(Size(c.rows), Size(H), Size(K), total, Size(T * K),
                         c.Pack(Size(backward_project_)), work.output_grad, Size(H),
                         GemmEpilogue{});
  return work.output_grad;
}

void RecurrentOp::BackwardStep(const OpContext& c, const Step& step) const {
  const int64_t T = s_.time, H = s_.units, K = s_.width;
  const RecurrentWork work(Data(c, ids_.work), c.rows, s_);
  RecurrentBackward b;
  b.cell = s_.cell;
  b.rows = Size(c.rows), b.units = Size(H);
  b.kept = Data(c, ids_.kept) + step.t * kept(), b.kept_ld = Size(T * kept());
  b.hidden_grad_out = work.hidden_grad;
  b.state_grad = work.state_grad;
  b.cell_grad_out = work.cell_grad;
  if (at_.w_hr >= 0) {
    b.out_grad = ProjectionGrad(c, step), b.out_grad_ld = Size(H);
  } else {
    b.out_grad = GradOut(c) + step.t * K, b.out_grad_ld = Size(out_size());
    b.hidden_grad = step.last ? nullptr : work.hidden_grad;
  }
  if (s_.cell == Cell::kLstm) {
    const float* cells = Data(c, ids_.cells);
    b.cell_grad = step.last && !s_.cell_out ? nullptr : work.cell_grad;
    b.after = cells + step.t * H, b.after_ld = Size(T * H);
    if (!step.first) {
      b.before = cells + step.before * H, b.before_ld = Size(T * H);
    } else if (at_.c0 >= 0) {
      b.before = In(c, Size(at_.c0)), b.before_ld = Size(H);
    }
  } else if (s_.cell == Cell::kGru) {
    b.before = Data(c, ids_.before) + step.t * K, b.before_ld = Size(T * K);
  } else {
    b.after = Out(c) + step.t * K, b.after_ld = Size(out_size());
  }
  c.kernels->recurrent.backward(b);
  if (step.first && at_.h0 < 0) return;
  GemmEpilogue epilogue;
  epilogue.accumulate = s_.cell == Cell::kGru;
  c.kernels->gemm.packed(Size(c.rows), Size(K), Size(gates() * H), work.state_grad,
                         Size(gates() * H), c.Pack(Size(backward_state_)), work.hidden_grad,
                         Size(K), epilogue);
}

// Both biases; b_hh, but for the GRU's n, has the gradient of b_ih, so it is copied: the sums would
// read all gates once more.
void RecurrentOp::BiasGrad(const OpContext& c, int64_t begin, int64_t end, float alpha,
                           bool first) const {
  if (at_.b_ih < 0) return;
  float* db = c.grad[inputs[Size(at_.b_ih)]];
  c.kernels->elementwise.column_sums(Data(c, ids_.kept) + begin, Size(c.rows * s_.time),
                                     Size(end - begin), Size(kept()), alpha, !first, db + begin);
  const int64_t same = s_.cell == Cell::kGru ? 2 * s_.units : gates() * s_.units;
  if (begin < same) {
    std::copy(db + begin, db + std::min(end, same), c.grad[inputs[Size(at_.b_hh)]] + begin);
  }
}

void RecurrentOp::WeightGrad(const OpContext& c, size_t which, int64_t begin, int64_t end,
                             float alpha, bool first, float* scratch) const {
  const int64_t rows = c.rows * s_.time, H = s_.units;
  GemmEpilogue epilogue;
  epilogue.alpha = alpha;
  epilogue.accumulate = !first;
  // Rows [from, to) of the weight: their gradients lie `shift` columns further in dz.
  const auto product = [&](const float* dz, int64_t ld, int64_t from, int64_t to, int64_t shift,
                           const float* x, int64_t in) {
    if (from >= to) return;
    if (in < kNarrow) {
      return NarrowProduct(c, rows, dz + from + shift, ld, to - from, x, in, epilogue,
                           c.grad[gradients[which].weight] + from * in, scratch);
    }
    c.kernels->gemm.gemm(Trans::kYes, Trans::kNo, Size(to - from), Size(in), Size(rows),
                         dz + from + shift, Size(ld), x, Size(in),
                         c.grad[gradients[which].weight] + from * in, Size(in), epilogue, scratch);
  };
  const float* dz = Data(c, ids_.kept);
  if (which == 0) {
    product(dz, kept(), begin, end, 0, In(c, 0), s_.in);
    return BiasGrad(c, begin, end, alpha, first);
  }
  if (which == 2) {
    return product(Data(c, ids_.grads), s_.width, begin, end, 0, Data(c, ids_.outputs), H);
  }
  // The GRU's dq stand behind the gradients of its three gates.
  const int64_t same = s_.cell == Cell::kGru ? 2 * H : gates() * H;
  const float* before = Data(c, ids_.before);
  product(dz, kept(), begin, std::min(end, same), 0, before, s_.width);
  product(dz, kept(), std::max(begin, same), end, H, before, s_.width);
  if (at_.b_hh >= 0 && end > same) {
    const int64_t from = std::max(begin, same);
    c.kernels->elementwise.column_sums(dz + from + H, Size(rows), Size(end - from), Size(kept()),
                                       alpha, !first, c.grad[inputs[Size(at_.b_hh)]] + from);
  }
}

int64_t RecurrentOp::WeightGradScratch(const KernelTable& k, size_t which, int64_t rows,
                                       int64_t out_rows) const {
  const int64_t in = which == 0 ? s_.in : which == 1 ? s_.width : s_.units;
  const bool narrow = in < kNarrow;
  const auto product = static_cast<int64_t>(
      k.gemm.scratch_size(Trans::kYes, Trans::kNo, Size(narrow ? in : out_rows),
                          Size(narrow ? out_rows : in), Size(rows * s_.time)));
  return narrow ? product + RoundUp(in * out_rows, 16) : product;
}

}  // namespace nf
