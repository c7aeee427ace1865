#include "ops/recurrent.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ops/op_names.h"
#include "ops/packs.h"
#include "ops/recurrent_op.h"
#include "util/error.h"
#include "util/integers.h"
#include "util/job_control.h"

namespace nf {

Tensor Recurrent(Recorder& g, Cell cell, Tensor x, const RecurrentWeights& w,
                 const RecurrentOptions& options) {
  RecurrentOp::Shape s;
  s.cell = cell;
  s.time = g.dims(x)[0], s.in = g.dims(x)[1];
  s.units = g.dims(w.w_ih)[0] / static_cast<int64_t>(NumGates(cell));
  s.width = g.dims(w.w_hh)[1];
  s.reverse = options.reverse, s.cell_out = options.cell_out;
  const bool lstm = cell == Cell::kLstm, projects = !w.w_hr.empty();
  const int64_t rows = g.dims(w.w_ih)[0];
  NF_CHECK(g.size(w.w_ih) == rows * s.in && g.dims(w.w_hh)[0] == rows);
  NF_CHECK(w.b_ih.empty() == w.b_hh.empty());
  NF_CHECK(projects ? lstm && g.dims(w.w_hr) == std::vector({s.width, s.units})
                    : s.width == s.units);
  NF_CHECK(lstm || (!s.cell_out && options.c0.empty()));
  std::vector<TensorId> ids = {x.id, w.w_ih.id, w.w_hh.id};
  RecurrentOp::Positions at;
  const auto add = [&](auto handle, int& position) {
    if (handle.empty()) return;
    position = static_cast<int>(ids.size());
    ids.push_back(handle.id);
  };
  add(w.b_ih, at.b_ih), add(w.b_hh, at.b_hh), add(w.w_hr, at.w_hr);
  add(options.h0, at.h0), add(options.c0, at.c0);
  RecurrentOp::Saved saved;
  saved.kept = g.Kept({s.time, static_cast<int64_t>(NumKept(cell)) * s.units});
  saved.before = g.Kept({s.time, s.width});
  saved.cells = lstm ? g.Kept({s.time, s.units}) : kNoTensor;
  saved.outputs = projects ? g.Kept({s.time, s.units}) : kNoTensor;
  saved.grads = projects ? g.Kept({s.time, s.width}) : kNoTensor;
  saved.work = g.Kept({RecurrentOp::WorkFloats(s)});
  const Tensor y = g.Activation(
      s.cell_out ? std::vector{s.time * s.width + s.units} : std::vector{s.time, s.width}, true);
  return g.Record(
      std::make_unique<RecurrentOp>(std::move(ids), y.id, s, at, saved, g.needs_grad(x)), y);
}

int64_t RecurrentOp::WorkFloats(const Shape& s) {
  return 3 * s.width + (2 + static_cast<int64_t>(NumGates(s.cell))) * s.units;
}

RecurrentOp::RecurrentOp(std::vector<TensorId> input_ids, TensorId out_id, const Shape& shape,
                         const Positions& positions, const Saved& saved_ids, bool input_needs_grad)
    : Op(op_name::kRecurrent, std::move(input_ids), out_id),
      s_(shape),
      at_(positions),
      ids_(saved_ids) {
  const int64_t rows = gates() * s_.units;
  const auto pack = [&](PackRequest request) {
    packs.push_back(std::move(request));
    return static_cast<int>(packs.size()) - 1;
  };
  const TensorId w_ih = inputs[1], w_hh = inputs[2];
  pack(GemmPack(w_ih, {Trans::kYes, s_.in, rows, s_.in}));
  pack(RecurrentPack(w_hh, gates(), s_.units, s_.width));
  backward_state_ = pack(ForBackward(GemmPack(w_hh, {Trans::kNo, rows, s_.width, s_.width})));
  if (input_needs_grad) {
    backward_x_ = pack(ForBackward(GemmPack(w_ih, {Trans::kNo, rows, s_.in, s_.in})));
  }
  gradients = {{w_ih}, {w_hh}};
  if (at_.b_ih >= 0) {
    const TensorId b_ih = inputs[Size(at_.b_ih)], b_hh = inputs[Size(at_.b_hh)];
    gradients[0].along = {b_ih, b_hh};
    gradients[1].along = {b_hh};
  }
  batch_data = {inputs[0], ids_.kept, ids_.before};
  if (at_.w_hr >= 0) {
    const TensorId w = inputs[Size(at_.w_hr)];
    project_ = pack(GemmPack(w, {Trans::kYes, s_.units, s_.width, s_.units}));
    backward_project_ = pack(ForBackward(GemmPack(w, {Trans::kNo, s_.width, s_.units, s_.units})));
    gradients.push_back({w});
    batch_data.insert(batch_data.end(), {ids_.outputs, ids_.grads});
  }
  for (TensorId id : {ids_.kept, ids_.before, ids_.cells, ids_.outputs, ids_.grads, ids_.work}) {
    if (id != kNoTensor) saved.push_back(id);
  }
  least_rows = 8;
  const int64_t per_step = 2 * rows * s_.width + (at_.w_hr >= 0 ? 2 * s_.units * s_.width : 0);
  flops_forward = s_.time * (2 * rows * s_.in + per_step);
  flops_input = input_needs_grad ? s_.time * 2 * rows * s_.in : 0;
  flops_weight = flops_forward + s_.time * per_step;  // back through time
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
                         Size(s_.in), c.Pack(0), Data(c, ids_.kept), Size(kept()), epilogue);
  const RecurrentWork work(Data(c, ids_.work), c.rows, s_);
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
  f.weights = c.Pack(1);
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
                         Size(T * H), c.Pack(Size(project_)), next, Size(K), GemmEpilogue{});
  PutRows(c, next, Out(c) + step.t * K, out_size());
  if (GradOut(c) == nullptr || step.last) return;
  const int64_t after = s_.reverse ? step.t - 1 : step.t + 1;
  PutRows(c, next, Data(c, ids_.before) + after * K, T * K);
}

}  // namespace nf
