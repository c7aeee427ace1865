#include "graph/recorder.h"

#include <iterator>
#include <utility>

#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

constexpr int64_t kSlabAlign = 16;  // floats: 64 bytes
// Recording takes a microsecond an op and ten a parameter. No model in use is a tenth as deep.
constexpr size_t kMostOps = 60000, kMostParameters = 10000;

void CheckDepth(const Graph& graph) {
  if (graph.ops.size() < kMostOps && graph.parameters.size() < kMostParameters) return;
  Fail(ErrorCode::kOutOfRange, "the options make a model of more than " +
                                   std::to_string(kMostParameters) + " weights and biases or " +
                                   std::to_string(kMostOps) +
                                   " operations: ask for fewer layers, blocks or stacks");
}

}  // namespace

const TensorInfo& Recorder::Info(TensorId id) const {
  if (id < kNoTensor) return flat_.at(static_cast<size_t>(kNoTensor - 1 - id));
  NF_CHECK(id >= 0 && id < std::ssize(graph_->tensors));
  return graph_->tensor(id);
}

Tensor Recorder::Add(TensorInfo info, std::vector<int64_t> dims) {
  info.size = 1;
  for (int64_t d : dims) info.size *= d;
  info.dims = std::move(dims);
  graph_->tensors.push_back(std::move(info));
  const auto id = static_cast<TensorId>(graph_->tensors.size() - 1);
  return {id, id};
}

Tensor Recorder::Input(nf::Input kind, std::vector<int64_t> dims) {
  TensorId& id = graph_->inputs[kind];
  if (id == kNoTensor) id = Add({.kind = TensorKind::kInput}, std::move(dims)).id;
  return {id, id};
}

std::pair<TensorId, bool> Recorder::Store(TensorKind kind, std::string name,
                                          std::vector<int64_t> dims) {
  const auto next = static_cast<TensorId>(graph_->tensors.size());
  if (const auto [known, fresh] = stored_.emplace(name, next); !fresh) {
    const TensorInfo& info = graph_->tensor(known->second);
    NF_CHECK(info.dims == dims && info.kind == kind);
    return {known->second, false};
  }
  if (on_parameter_) on_parameter_(name, dims);
  const bool trained = kind == TensorKind::kParameter;
  Add({.kind = kind, .needs_grad = trained, .name = std::move(name)}, std::move(dims));
  graph_->stored.push_back(next);
  return {next, true};
}

void Recorder::PlaceInSlab(TensorId id) {
  TensorInfo& info = graph_->tensors[static_cast<size_t>(id)];
  info.offset = graph_->slab_size;
  graph_->slab_size += RoundUp(info.size, kSlabAlign);
}

Weight Recorder::Parameter(std::string name, std::vector<int64_t> dims, double bound,
                           double centre) {
  const auto [id, fresh] = Store(TensorKind::kParameter, std::move(name), std::move(dims));
  if (!fresh) return {id};
  TensorInfo& info = graph_->tensors[static_cast<size_t>(id)];
  info.init_bound = bound;
  info.init_centre = centre;
  PlaceInSlab(id);
  graph_->num_parameters += info.size;
  graph_->parameters.push_back(id);
  return {id};
}

nf::State Recorder::State(std::string name, std::vector<int64_t> dims, double value, double bound) {
  const auto [id, fresh] = Store(TensorKind::kState, std::move(name), std::move(dims));
  if (!fresh) return {id};
  TensorInfo& info = graph_->tensors[static_cast<size_t>(id)];
  info.init_centre = value;
  info.init_bound = bound;
  return {id};
}

Weight Recorder::NormalParameter(std::string name, std::vector<int64_t> dims, double deviation) {
  const Weight weight = Parameter(std::move(name), std::move(dims), 0.0);
  graph_->tensors[static_cast<size_t>(weight.id)].init_deviation = deviation;
  return weight;
}

Tensor Recorder::Reshape(Tensor x, std::vector<int64_t> shape) {
  // The view is a tensor that no op uses: a plan gives it no memory.
  const Tensor view = Activation(std::move(shape), false);
  NF_CHECK(size(view) == size(x));
  return {x.id, view.id};
}

Tensor Recorder::Flatten(Tensor x) {
  if (dims(x).size() == 1) return x;
  flat_.push_back({.dims = {size(x)}, .size = size(x)});
  return {x.id, static_cast<TensorId>(kNoTensor - std::ssize(flat_))};
}

Tensor Recorder::Activation(std::vector<int64_t> dims, bool needs_grad) {
  return Add({.needs_grad = needs_grad}, std::move(dims));
}

TensorId Recorder::Shared(std::vector<int64_t> dims) {
  return Add({.kind = TensorKind::kShared}, std::move(dims)).id;
}

Tensor Recorder::Record(std::unique_ptr<Op> op, Tensor output) {
  NF_CHECK(op->output == output.id);
  CheckDepth(*graph_);
  graph_->ops.push_back(std::move(op));
  return output;
}

std::unique_ptr<Graph> Recorder::Finish(Tensor output, Tensor loss) {
  graph_->output = output.id;
  graph_->loss = loss.id;
  // States behind the parameters, so that an optimiser walks over the parameters alone.
  graph_->trained_size = graph_->slab_size;
  for (TensorId id : graph_->stored) {
    if (graph_->tensor(id).kind == TensorKind::kState) PlaceInSlab(id);
  }
  return std::move(graph_);
}

}  // namespace nf
