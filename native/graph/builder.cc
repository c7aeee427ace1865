#include "graph/builder.h"

#include <iterator>

#include "graph/affine_ops.h"
#include "graph/attention_ops.h"
#include "graph/elementwise_ops.h"
#include "graph/layout_ops.h"
#include "graph/linear_ops.h"
#include "graph/norm_ops.h"
#include "graph/pooling_ops.h"
#include "graph/recurrent_ops.h"
#include "graph/shape_ops.h"
#include "util/error.h"

namespace nf {
namespace {

int64_t Product(const std::vector<int64_t>& dims) {
  int64_t product = 1;
  for (int64_t d : dims) product *= d;
  return product;
}

constexpr int64_t kSlabAlign = 16;  // floats: 64 bytes
// Recording takes a microsecond an op and ten a parameter. No model in use is a tenth as deep; most
// ops has the recurrent form, with 2048 steps of six layers.
constexpr size_t kMostOps = 60000, kMostParameters = 10000;

void CheckDepth(const Graph& graph) {
  if (graph.ops.size() < kMostOps && graph.parameters.size() < kMostParameters) return;
  Fail(ErrorCode::kOutOfRange,
       "the options make a model of more than " + std::to_string(kMostParameters) +
           " weights and biases or " + std::to_string(kMostOps) +
           " operations: ask for fewer layers, blocks or stacks, or, in the "
           "recurrent form, for a shorter horizon");
}

}  // namespace

const TensorInfo& Builder::Info(Tensor x) const {
  NF_CHECK(x.id >= 0 && x.id < std::ssize(graph_->tensors));
  return graph_->tensor(x.id);
}

Tensor Builder::Input(nf::Input kind, std::vector<int64_t> dims) {
  TensorId& id = graph_->inputs[static_cast<size_t>(kind)];
  if (id == kNoTensor) {
    id = static_cast<TensorId>(graph_->tensors.size());
    TensorInfo info;
    info.kind = TensorKind::kInput;
    info.size = Product(dims);
    info.dims = std::move(dims);
    graph_->tensors.push_back(std::move(info));
  }
  return {id};
}

Tensor Builder::Parameter(std::string name, std::vector<int64_t> dims, double bound,
                          double centre) {
  const auto id = static_cast<TensorId>(graph_->tensors.size());
  if (const auto [known, fresh] = parameters_.emplace(name, id); !fresh) {
    NF_CHECK(graph_->tensor(known->second).dims == dims);
    return {known->second};
  }
  if (on_parameter_) on_parameter_(name, dims);
  TensorInfo info;
  info.kind = TensorKind::kParameter;
  info.size = Product(dims);
  info.dims = std::move(dims);
  info.needs_grad = true;
  info.name = std::move(name);
  info.init_bound = bound;
  info.init_centre = centre;
  info.offset = graph_->slab_size;
  graph_->slab_size += (info.size + kSlabAlign - 1) / kSlabAlign * kSlabAlign;
  graph_->num_parameters += info.size;
  graph_->tensors.push_back(std::move(info));
  graph_->parameters.push_back(id);
  return {id};
}

Tensor Builder::NormalParameter(std::string name, std::vector<int64_t> dims, double deviation) {
  const Tensor parameter = Parameter(std::move(name), std::move(dims), 0.0);
  graph_->tensors[static_cast<size_t>(parameter.id)].init_deviation = deviation;
  return parameter;
}

Tensor Builder::NewActivation(std::vector<int64_t> dims, const std::vector<Tensor>& from) {
  TensorInfo info;
  info.size = Product(dims);
  info.dims = std::move(dims);
  for (Tensor t : from) info.needs_grad |= NeedsGrad(t);
  graph_->tensors.push_back(std::move(info));
  return {static_cast<TensorId>(graph_->tensors.size() - 1)};
}

Tensor Builder::Record(std::unique_ptr<Op> op, size_t parameters) {
  for (size_t i = 0; i < op->inputs.size(); ++i) {
    const TensorInfo& info = Info({op->inputs[i]});
    const bool is = info.kind == TensorKind::kParameter, wanted = 1 <= i && i <= parameters;
    if (is == wanted) continue;
    Fail(ErrorCode::kInternal, std::string(OpName(op->kind)) + ": input " + std::to_string(i) +
                                   (is ? " is the parameter '" + info.name + "'" : "") +
                                   " must be " + (wanted ? "a parameter" : "an activation"));
  }
  CheckDepth(*graph_);
  const TensorId out = op->output;
  graph_->ops.push_back(std::move(op));
  return {out};
}

Tensor Builder::Linear(Tensor x, Tensor weight, Tensor bias, Activation act) {
  return LinearRows(x, weight, bias, 0, dims(weight)[0], act);
}

Tensor Builder::LinearRows(Tensor x, Tensor weight, Tensor bias, int64_t begin, int64_t end,
                           Activation act) {
  NF_CHECK(0 <= begin && begin < end && end <= dims(weight)[0]);
  const int64_t out = end - begin, in = size(weight) / dims(weight)[0];
  NF_CHECK(dims(x).back() == in || size(x) == in);
  std::vector<int64_t> shape = {out};
  if (dims(x).back() == in) {
    shape = dims(x);
    shape.back() = out;
  }
  std::vector<TensorId> ids = {x.id, weight.id};
  if (bias.id != kNoTensor) ids.push_back(bias.id);
  const Tensor y = NewActivation(shape, {x, weight});
  const LinearShape sizes = {in, out, size(x) / in, begin};
  const size_t parameters = ids.size() - 1;
  return Record(std::make_unique<LinearOp>(std::move(ids), y.id, sizes, act, NeedsGrad(x)),
                parameters);
}

Tensor Builder::TimeLinear(Tensor x, Tensor weight, Tensor bias) {
  NF_CHECK(dims(x).size() == 2 && dims(weight)[1] == dims(x)[0]);
  const int64_t steps = dims(weight)[0], channels = dims(x)[1];
  const Tensor y = NewActivation({steps, channels}, {x, weight});
  return Record(
      std::make_unique<TimeLinearOp>(x.id, weight.id, bias.id, y.id, dims(x)[0], channels, steps),
      2);
}

Tensor Builder::ConstLinear(Tensor x, const ConstMatrix& c, std::vector<int64_t> shape) {
  NF_CHECK(dims(x).back() == c.rows || size(x) == c.rows);
  const int64_t factor = size(x) / c.rows;
  if (shape.empty() && factor == 1) shape = {c.cols};
  if (shape.empty()) shape = dims(x), shape.back() = c.cols;
  NF_CHECK(Product(shape) == factor * c.cols);
  const Tensor y = NewActivation(shape, {x});
  return Record(std::make_unique<ConstLinearOp>(x.id, y.id, c, factor, NeedsGrad(x)));
}

Tensor Builder::Affine(Tensor x, Tensor w, Tensor b, bool inverse) {
  const Tensor y = NewActivation(dims(x), {x, w});
  return Record(std::make_unique<AffineOp>(x.id, w.id, b.id, y.id, size(x), inverse), 2);
}

Tensor Builder::Concat(const std::vector<Tensor>& xs) {
  if (xs.size() == 1) return xs[0];
  int64_t total = 0;
  for (Tensor x : xs) total += size(x);
  return RecordConcat(xs, 1, {total});
}

Tensor Builder::ConcatLast(const std::vector<Tensor>& xs, int64_t time) {
  int64_t total = 0;
  for (Tensor x : xs) total += size(x) / time;
  return RecordConcat(xs, time, {time, total});
}

Tensor Builder::RecordConcat(const std::vector<Tensor>& xs, int64_t time,
                             std::vector<int64_t> shape) {
  std::vector<TensorId> ids;
  std::vector<int64_t> sizes;
  for (Tensor x : xs) {
    ids.push_back(x.id);
    NF_CHECK(size(x) % time == 0);
    sizes.push_back(size(x) / time);
  }
  const Tensor y = NewActivation(std::move(shape), xs);
  return Record(std::make_unique<ConcatOp>(std::move(ids), y.id, std::move(sizes), time));
}

Tensor Builder::Slice(Tensor x, int64_t begin, int64_t end, std::vector<int64_t> shape) {
  NF_CHECK(0 <= begin && begin <= end && end <= size(x));
  if (shape.empty()) shape = {end - begin};
  NF_CHECK(Product(shape) == end - begin);
  const Tensor y = NewActivation(std::move(shape), {x});
  return Record(std::make_unique<SliceOp>(x.id, y.id, size(x), begin, end - begin, 0));
}

Tensor Builder::SliceThenZeros(Tensor x, int64_t begin, int64_t zeros, std::vector<int64_t> shape) {
  const int64_t count = size(x) - begin;
  NF_CHECK(begin >= 0 && count >= 0 && zeros >= 0 && Product(shape) == count + zeros);
  const Tensor y = NewActivation(std::move(shape), {x});
  return Record(std::make_unique<SliceOp>(x.id, y.id, size(x), begin, count, zeros));
}

Tensor Builder::SliceTime(Tensor x, int64_t begin, int64_t end) {
  NF_CHECK(dims(x).size() == 2);
  const int64_t channels = dims(x)[1];
  if (begin == 0 && end == dims(x)[0]) return x;
  return Slice(x, begin * channels, end * channels, {end - begin, channels});
}

Tensor Builder::Unfold(Tensor x, const UnfoldShape& shape) {
  NF_CHECK(static_cast<int64_t>(shape.time * shape.channels) == size(x));
  const Tensor y = NewActivation(
      {static_cast<int64_t>(shape.time), static_cast<int64_t>(shape.channels * shape.kernel)}, {x});
  return Record(std::make_unique<UnfoldOp>(x.id, y.id, shape));
}

Tensor Builder::UnfoldCausal(Tensor x, int64_t kernel, int64_t dilation) {
  NF_CHECK(dims(x).size() == 2 && kernel >= 1 && dilation >= 1);
  if (kernel == 1) return x;
  const auto taps = static_cast<size_t>(kernel);
  return Unfold(x, {static_cast<size_t>(dims(x)[0]), static_cast<size_t>(dims(x)[1]), taps,
                    static_cast<size_t>(dilation), taps - 1, false});
}

Tensor Builder::UnfoldCircular(Tensor x, int64_t kernel) {
  NF_CHECK(dims(x).size() == 2 && kernel % 2 == 1);
  if (kernel == 1) return x;
  const auto taps = static_cast<size_t>(kernel);
  return Unfold(x, {static_cast<size_t>(dims(x)[0]), static_cast<size_t>(dims(x)[1]), taps, 1,
                    taps / 2, true});
}

Tensor Builder::Transpose(Tensor x) {
  NF_CHECK(dims(x).size() == 2);
  const int64_t time = dims(x)[0], channels = dims(x)[1];
  const Tensor y = NewActivation({channels, time}, {x});
  return Record(std::make_unique<TransposeOp>(x.id, y.id, time, channels));
}

Tensor Builder::RepeatRows(Tensor x, int64_t time) {
  const Tensor y = NewActivation({time, size(x)}, {x});
  return Record(std::make_unique<RepeatRowsOp>(x.id, y.id, time, size(x)));
}

Tensor Builder::AddConst(Tensor x, const ConstMatrix& c) {
  NF_CHECK(c.rows * c.cols == size(x));
  return Record(std::make_unique<AddConstOp>(x.id, NewActivation(dims(x), {x}).id, c));
}

Tensor Builder::Reverse(Tensor x) {
  return Record(std::make_unique<ReverseOp>(x.id, NewActivation({size(x)}, {x}).id, size(x)));
}

Tensor Builder::RepeatLast(Tensor x, int64_t times) {
  const Tensor y = NewActivation({times}, {x});
  return Record(std::make_unique<RepeatLastOp>(x.id, y.id, size(x), times));
}

Tensor Builder::SubLast(Tensor x) {
  return Record(std::make_unique<SubLastOp>(x.id, NewActivation({size(x)}, {x}).id, size(x)));
}

Tensor Builder::Add(Tensor a, Tensor b) {
  NF_CHECK(size(a) == size(b));
  return Record(std::make_unique<AddOp>(a.id, b.id, NewActivation(dims(a), {a, b}).id, size(a)));
}

Tensor Builder::Sub(Tensor a, Tensor b) {
  NF_CHECK(size(a) == size(b));
  return Record(std::make_unique<SubOp>(a.id, b.id, NewActivation(dims(a), {a, b}).id, size(a)));
}

Tensor Builder::SubMul(Tensor a, Tensor b, Tensor m) {
  NF_CHECK(size(a) == size(b) && size(a) == size(m) && !NeedsGrad(m));
  const Tensor y = NewActivation(dims(a), {a, b});
  return Record(std::make_unique<SubMulOp>(a.id, b.id, m.id, y.id, size(a)));
}

Tensor Builder::Attention(Channels q, Channels k, Channels v, const AttentionOptions& options,
                          Tensor mask) {
  const auto part = [&](const Channels& c) {
    NF_CHECK(dims(c.x).size() == 2 && c.begin + c.count <= dims(c.x)[1]);
    return AttentionPart{dims(c.x)[0], dims(c.x)[1], c.begin, c.count > 0 ? c.count : dims(c.x)[1]};
  };
  const AttentionOp::Parts parts = {part(q), part(k), part(v)};
  const int64_t channels = parts.q.channels;
  NF_CHECK(parts.k.channels == channels && parts.v.channels == channels);
  NF_CHECK(parts.k.time == parts.v.time && options.heads >= 1 && channels % options.heads == 0);
  std::vector<TensorId> ids = {q.x.id, k.x.id, v.x.id};
  if (mask.id != kNoTensor) {
    NF_CHECK(size(mask) == parts.k.time && !NeedsGrad(mask));
    ids.push_back(mask.id);
  }
  const Tensor y = NewActivation({parts.q.time, channels}, {q.x, k.x, v.x});
  const Tensor statistics = NewActivation({options.heads, parts.q.time}, {});
  return Record(std::make_unique<AttentionOp>(std::move(ids), y.id, statistics.id, parts, options));
}

Tensor Builder::LayerNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
  const int64_t n = dims(x).back(), time = size(x) / n;
  NF_CHECK(size(gamma) == n && size(beta) == n && epsilon > 0);
  const Tensor y = NewActivation(dims(x), {x, gamma});
  const Tensor statistics = NewActivation({time, 2}, {});
  return Record(std::make_unique<LayerNormOp>(x.id, gamma.id, beta.id, y.id, statistics.id, time, n,
                                              static_cast<float>(epsilon)),
                2);
}

Tensor Builder::Gelu(Tensor x) {
  return Record(std::make_unique<GeluOp>(x.id, NewActivation(dims(x), {x}).id, size(x)));
}

Tensor Builder::Recurrent(Cell cell, Tensor x, const RecurrentWeights& w,
                          const RecurrentOptions& options) {
  RecurrentOp::Shape s;
  s.cell = cell;
  s.time = dims(x)[0], s.in = dims(x)[1];
  s.units = dims(w.w_ih)[0] / static_cast<int64_t>(NumGates(cell));
  s.width = dims(w.w_hh)[1];
  s.reverse = options.reverse, s.cell_out = options.cell_out;
  const bool lstm = cell == Cell::kLstm, projects = w.w_hr.id != kNoTensor;
  NF_CHECK(size(w.w_ih) == dims(w.w_ih)[0] * s.in && dims(w.w_hh)[0] == dims(w.w_ih)[0]);
  NF_CHECK((w.b_ih.id == kNoTensor) == (w.b_hh.id == kNoTensor));
  NF_CHECK(projects ? lstm && dims(w.w_hr) == std::vector({s.width, s.units}) : s.width == s.units);
  NF_CHECK(lstm || (!s.cell_out && options.c0.id == kNoTensor));
  std::vector<TensorId> ids = {x.id, w.w_ih.id, w.w_hh.id};
  std::vector<Tensor> from = {x, w.w_ih};
  RecurrentOp::Positions at;
  const auto add = [&](Tensor t, int& position) {
    if (t.id == kNoTensor) return;
    position = static_cast<int>(ids.size());
    ids.push_back(t.id);
    from.push_back(t);
  };
  add(w.b_ih, at.b_ih), add(w.b_hh, at.b_hh), add(w.w_hr, at.w_hr);
  const size_t parameters = ids.size() - 1;
  add(options.h0, at.h0), add(options.c0, at.c0);
  const auto keep = [&](std::vector<int64_t> shape) { return NewActivation(shape, {}).id; };
  RecurrentOp::Saved saved;
  saved.kept = keep({s.time, static_cast<int64_t>(NumKept(cell)) * s.units});
  saved.before = keep({s.time, s.width});
  saved.cells = lstm ? keep({s.time, s.units}) : kNoTensor;
  saved.outputs = projects ? keep({s.time, s.units}) : kNoTensor;
  saved.grads = projects ? keep({s.time, s.width}) : kNoTensor;
  saved.work = keep({RecurrentOp::WorkFloats(s)});
  const std::vector<int64_t> shape =
      s.cell_out ? std::vector{s.time * s.width + s.units} : std::vector{s.time, s.width};
  const Tensor y = NewActivation(shape, from);
  return Record(std::make_unique<RecurrentOp>(std::move(ids), y.id, s, at, saved, NeedsGrad(x)),
                parameters);
}

namespace {

PoolShape ShapeOf(const std::vector<int64_t>& dims, int64_t kernel) {
  NF_CHECK(dims.size() <= 2 && kernel >= 1);
  return {dims[0], dims.size() > 1 ? dims[1] : 1, kernel};
}

std::vector<int64_t> Pooled(const PoolShape& s, size_t rank) {
  std::vector<int64_t> dims = {(s.time + s.kernel - 1) / s.kernel};
  if (rank > 1) dims.push_back(s.channels);
  return dims;
}

}  // namespace

Tensor Builder::MaxPool(Tensor x, int64_t kernel) {
  if (kernel == 1) return x;
  const PoolShape shape = ShapeOf(dims(x), kernel);
  const Tensor y = NewActivation(Pooled(shape, dims(x).size()), {x});
  return Record(std::make_unique<MaxPoolOp>(x.id, y.id, shape));
}

Tensor Builder::AveragePool(Tensor x, int64_t kernel) {
  if (kernel == 1) return x;
  const PoolShape shape = ShapeOf(dims(x), kernel);
  const Tensor y = NewActivation(Pooled(shape, dims(x).size()), {x});
  return Record(std::make_unique<AveragePoolOp>(x.id, y.id, shape));
}

Tensor Builder::Interpolate(Tensor x, const ConstMatrix& taps) {
  NF_CHECK(dims(x).size() == 2 && taps.cols >= 2);
  const int64_t knots = dims(x)[0], channels = dims(x)[1];
  const Tensor y = NewActivation({taps.rows, channels}, {x});
  return Record(std::make_unique<InterpolateOp>(x.id, y.id, knots, channels, taps));
}

Tensor Builder::MovingAverage(Tensor x, int64_t kernel) {
  const PoolShape shape = ShapeOf(dims(x), kernel);
  NF_CHECK(shape.channels == 1 && kernel % 2 == 1);
  return Record(std::make_unique<MovingAverageOp>(x.id, NewActivation(dims(x), {x}).id, shape));
}

Tensor Builder::Dropout(Tensor x, double p) {
  if (p == 0) return x;
  const Tensor y = NewActivation(dims(x), {x});
  return Record(std::make_unique<DropoutOp>(x.id, y.id, size(x), static_cast<float>(p)));
}

std::unique_ptr<Graph> Builder::Finish(Tensor output) {
  graph_->output = output.id;
  return std::move(graph_);
}

}  // namespace nf
