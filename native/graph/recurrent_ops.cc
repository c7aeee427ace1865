#include "graph/recurrent_ops.h"

#include <algorithm>

#include "util/integers.h"
#include "util/job_control.h"

namespace nf {
namespace {

constexpr int64_t kNarrow = 8;  // inputs

// Parts of the work memory: h of two steps [2, rows, K], and for backward the gradients of h [rows,
// K], of c [rows, H], of W_hh . h' [rows, gates * H] and, with a projection, of its input [rows,
// H].
struct Work {
  float *state, *hidden_grad, *cell_grad, *state_grad, *output_grad;

  Work(float* p, int64_t rows, const RecurrentOp::Shape& s)
      : state(p),
        hidden_grad(state + 2 * rows * s.width),
        cell_grad(hidden_grad + rows * s.width),
        state_grad(cell_grad + rows * s.units),
        output_grad(state_grad + rows * s.units * static_cast<int64_t>(NumGates(s.cell))) {}
};

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

int64_t RecurrentOp::WorkFloats(const Shape& s) {
  return 3 * s.width + (2 + static_cast<int64_t>(NumGates(s.cell))) * s.units;
}

RecurrentOp::RecurrentOp(std::vector<TensorId> input_ids, TensorId out_id, const Shape& shape,
                         const Positions& positions, const Saved& saved_ids, bool input_needs_grad)
    : Op(OpKind::kRecurrent, std::move(input_ids), out_id),
      s_(shape),
      at_(positions),
      ids_(saved_ids) {
  const int64_t rows = gates() * s_.units;
  const auto pack = [&](const PackRequest& request) {
    packs.push_back(request);
    return static_cast<int>(packs.size()) - 1;
  };
  pack({inputs[1], nullptr, Trans::kYes, s_.in, rows, s_.in});
  pack({inputs[2], nullptr, Trans::kYes, s_.width, s_.units, s_.width, false, 0, gates()});
  backward_state_ = pack({inputs[2], nullptr, Trans::kNo, rows, s_.width, s_.width, true});
  if (input_needs_grad) {
    backward_x_ = pack({inputs[1], nullptr, Trans::kNo, rows, s_.in, s_.in, true});
  }
  weights = {inputs[1], inputs[2]};
  batch_data = {inputs[0], ids_.kept, ids_.before};
  if (at_.w_hr >= 0) {
    const TensorId w = inputs[Size(at_.w_hr)];
    project_ = pack({w, nullptr, Trans::kYes, s_.units, s_.width, s_.units});
    backward_project_ = pack({w, nullptr, Trans::kNo, s_.width, s_.units, s_.units, true});
    weights.push_back(w);
    batch_data.insert(batch_data.end(), {ids_.outputs, ids_.grads});
  }
  for (TensorId id : {ids_.kept, ids_.before, ids_.cells, ids_.outputs, ids_.grads, ids_.work}) {
    if (id != kNoTensor) saved.push_back(id);
  }
  least_rows = 8;
  const int64_t per_step = 2 * rows * s_.width + (at_.w_hr >= 0 ? 2 * s_.units * s_.width : 0);
  flops_forward = s_.time * (2 * rows * s_.in + per_step);
  flops_input = s_.time * ((input_needs_grad ? 2 * rows * s_.in : 0) + per_step);
  flops_weight = flops_forward;
}

RecurrentOp::Step RecurrentOp::At(int64_t i) const {
  const int64_t t = s_.reverse ? s_.time - 1 - i : i;
  return {t, s_.reverse ? t + 1 : t - 1, i == 0, i == s_.time - 1};
}

// from [rows, K] to rows that lie ld apart.
void RecurrentOp::PutRows(const OpContext& c, const float* from, float* to, int64_t ld) const {
  for (int64_t r = 0; r < c.rows; ++r) {
    if (from == nullptr) {
      std::fill_n(to + r * ld, s_.width, 0.0f);
    } else {
      std::copy_n(from + r * s_.width, s_.width, to + r * ld);
    }
  }
}

void RecurrentOp::Forward(const OpContext& c) const {
  GemmEpilogue epilogue;
  epilogue.bias = at_.b_ih < 0 ? nullptr : In(c, Size(at_.b_ih));
  c.kernels->gemm.packed(Size(c.rows * s_.time), Size(gates() * s_.units), Size(s_.in), In(c, 0),
                         Size(s_.in), c.packed + c.packs[0], Data(c, ids_.kept), Size(kept()),
                         epilogue);
  const Work work(Data(c, ids_.work), c.rows, s_);
  const float* state = at_.h0 < 0 ? nullptr : In(c, Size(at_.h0));
  const bool train = GradOut(c) != nullptr;
  if (train) PutRows(c, state, Data(c, ids_.before) + At(0).t * s_.width, s_.time * s_.width);
  for (int64_t i = 0; i < s_.time; ++i) {
    ThrowIfStopped();  // a shard's whole sequence may take a second beside other work
    float* next = work.state + i % 2 * c.rows * s_.width;
    ForwardStep(c, At(i), state, next);
    state = next;
  }
  if (!s_.cell_out) return;
  const float* last = Data(c, ids_.cells) + At(s_.time - 1).t * s_.units;
  for (int64_t r = 0; r < c.rows; ++r) {
    std::copy_n(last + r * s_.time * s_.units, s_.units,
                Out(c) + r * out_size() + s_.time * s_.width);
  }
}

void RecurrentOp::ForwardStep(const OpContext& c, const Step& step, const float* state,
                              float* next) const {
  const int64_t T = s_.time, H = s_.units, K = s_.width;
  RecurrentForward f;
  f.cell = s_.cell;
  f.rows = Size(c.rows), f.units = Size(H), f.width = Size(K);
  f.hidden = state;
  f.weights = c.packed + c.packs[1];
  f.bias = at_.b_hh < 0 ? nullptr : In(c, Size(at_.b_hh));
  f.kept = Data(c, ids_.kept) + step.t * kept(), f.kept_ld = Size(T * kept());
  f.descending = step.t % 2 != 0;
  if (s_.cell == Cell::kLstm) {
    float* cells = Data(c, ids_.cells);
    f.cell_after = cells + step.t * H, f.cell_after_ld = Size(T * H);
    if (!step.first) {
      f.cell_before = cells + step.before * H, f.cell_before_ld = Size(T * H);
    } else if (at_.c0 >= 0) {
      f.cell_before = In(c, Size(at_.c0)), f.cell_before_ld = Size(H);
    }
  }
  if (at_.w_hr >= 0) {
    f.out = Data(c, ids_.outputs) + step.t * H, f.out_ld = Size(T * H);
    c.kernels->recurrent.forward(f);
    return Project(c, step, next);
  }
  f.out = Out(c) + step.t * K, f.out_ld = Size(out_size());
  f.next = next;
  if (GradOut(c) != nullptr && !step.last) {
    const int64_t after = s_.reverse ? step.t - 1 : step.t + 1;
    f.history = Data(c, ids_.before) + after * K, f.history_ld = Size(T * K);
  }
  c.kernels->recurrent.forward(f);
}

// h = W_hr . outputs, where the kernel would have put it.
void RecurrentOp::Project(const OpContext& c, const Step& step, float* next) const {
  const int64_t T = s_.time, H = s_.units, K = s_.width;
  c.kernels->gemm.packed(Size(c.rows), Size(K), Size(H), Data(c, ids_.outputs) + step.t * H,
                         Size(T * H), c.packed + c.packs[project_], next, Size(K), GemmEpilogue{});
  PutRows(c, next, Out(c) + step.t * K, out_size());
  if (GradOut(c) == nullptr || step.last) return;
  const int64_t after = s_.reverse ? step.t - 1 : step.t + 1;
  PutRows(c, next, Data(c, ids_.before) + after * K, T * K);
}

void RecurrentOp::Backward(const OpContext& c) const {
  const Work work(Data(c, ids_.work), c.rows, s_);
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
                         Data(c, ids_.kept), Size(kept()), c.packed + c.packs[backward_x_],
                         GradIn(c, 0), Size(s_.in), epilogue);
}

// The gradient of `outputs` at a step [rows, H]: that of h, kept for W_hr, times W_hr.
const float* RecurrentOp::ProjectionGrad(const OpContext& c, const Step& step) const {
  const int64_t T = s_.time, H = s_.units, K = s_.width;
  const Work work(Data(c, ids_.work), c.rows, s_);
  float* total = Data(c, ids_.grads) + step.t * K;
  for (int64_t r = 0; r < c.rows; ++r) {
    const float* dy = GradOut(c) + r * out_size() + step.t * K;
    if (step.last) {
      std::copy_n(dy, K, total + r * T * K);
    } else {
      c.kernels->elementwise.add(dy, work.hidden_grad + r * K, total + r * T * K, Size(K));
    }
  }
  c.kernels->gemm.packed(Size(c.rows), Size(H), Size(K), total, Size(T * K),
                         c.packed + c.packs[backward_project_], work.output_grad, Size(H),
                         GemmEpilogue{});
  return work.output_grad;
}

void RecurrentOp::BackwardStep(const OpContext& c, const Step& step) const {
  const int64_t T = s_.time, H = s_.units, K = s_.width;
  const Work work(Data(c, ids_.work), c.rows, s_);
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
                         Size(gates() * H), c.packed + c.packs[backward_state_], work.hidden_grad,
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
                           c.grad[weights[which]] + from * in, scratch);
    }
    c.kernels->gemm.gemm(Trans::kYes, Trans::kNo, Size(to - from), Size(in), Size(rows),
                         dz + from + shift, Size(ld), x, Size(in),
                         c.grad[weights[which]] + from * in, Size(in), epilogue, scratch);
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
