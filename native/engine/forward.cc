#include "engine/forward.h"

#include <algorithm>

namespace nf {

ForwardPlan::ForwardPlan(const Graph& graph, const KernelTable& kernels, Pool& pool)
    : program_(graph, kernels, Mode::kInfer),
      packed_(pool.Acquire(static_cast<size_t>(std::max<int64_t>(program_.packed_bytes(), 1)))) {
  program_.PackConstants(packed_.As<std::byte>());
}

void ForwardPlan::Pack(const float* parameters) {
  parameters_ = parameters;
  for (int64_t task = 0; task < program_.num_pack_tasks(); ++task) {
    program_.Pack(task, parameters, packed_.As<std::byte>());
  }
}

ForecastPlan::ForecastPlan(const NeuralModel& model, const KernelTable& kernels, Pool& pool)
    : first(model.forecast_graph(), kernels, pool) {
  if (model.step_graph() != nullptr) next.emplace(*model.step_graph(), kernels, pool);
}

void ForecastPlan::Pack(const float* parameters) {
  first.Pack(parameters);
  if (next) next->Pack(parameters);
}

ForwardMemory::ForwardMemory(const Program& program, Pool& pool, int64_t rows)
    : rows_(rows),
      arena_(pool.Acquire(static_cast<size_t>(std::max<int64_t>(program.arena_floats(rows), 1)) *
                          sizeof(float))),
      data_(program.graph().tensors.size()),
      grad_(program.graph().tensors.size()) {
  Program::Memory memory;
  memory.arena = arena_.As<float>();
  memory.shard_capacity = rows;
  program.Bind(memory, 0, data_.data(), grad_.data());
  scratch_ = program.Scratch(memory);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const TensorId id = program.graph().inputs[i];
    if (id != kNoTensor) inputs_[i] = data_[static_cast<size_t>(id)];
  }
}

const float* ForwardMemory::Run(const ForwardPlan& plan, int64_t count) {
  const Graph& graph = plan.program().graph();
  // The weights may be others than last time: their tensors point into the plan's slab.
  for (TensorId id : graph.stored) {
    data_[static_cast<size_t>(id)] =
        const_cast<float*>(plan.parameters()) + graph.tensor(id).offset;
  }
  OpContext c;
  c.kernels = &plan.program().kernels();
  c.rows = count;
  c.data = data_.data();
  c.grad = grad_.data();
  c.packed = plan.packed();
  c.scratch = scratch_;
  plan.program().Forward(c);
  return data_[static_cast<size_t>(graph.output)];
}

}  // namespace nf
