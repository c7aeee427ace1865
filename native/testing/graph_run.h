// For the graph tests: one recorded graph over the rows of a batch, as a training step runs it.
// Every float of memory is NaN beforehand, so that whatever is read before it was written shows.
#ifndef NF_TESTING_GRAPH_RUN_H_
#define NF_TESTING_GRAPH_RUN_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <random>
#include <vector>

#include "graph/program.h"
#include "util/integers.h"

namespace nf {

class PoisonedFloats {
 public:
  explicit PoisonedFloats(int64_t floats)
      : floats_(static_cast<size_t>(std::max<int64_t>(floats, 1))),
        data_(static_cast<float*>(
            ::operator new(floats_ * sizeof(float), std::align_val_t(kAlignment)))) {
    Poison();
  }
  ~PoisonedFloats() { ::operator delete(data_, std::align_val_t(kAlignment)); }
  PoisonedFloats(const PoisonedFloats&) = delete;
  PoisonedFloats& operator=(const PoisonedFloats&) = delete;

  void Poison() { std::fill_n(data_, floats_, std::numeric_limits<float>::quiet_NaN()); }
  float* data() const { return data_; }

 private:
  static constexpr size_t kAlignment = 64;
  size_t floats_;
  float* data_;
};

// What goes into a run. inputs by Input, [rows, size]; grad_output [rows, size of the output].
struct GraphBatch {
  int64_t rows = 0;
  ByInput<std::vector<float>> inputs;
  std::vector<float> grad_output;
  bool training = false;  // dropout drops
  int64_t step = 0;
};

struct GraphResult {
  std::vector<float> output;     // [rows, size of the output]
  std::vector<float> gradients;  // the slab; NaN where the plan writes nothing
  std::vector<float> stored;     // the slab of parameters, with the states that training moved
};

inline void CopyInputs(const Graph& graph, const GraphBatch& batch, const OpContext& c) {
  for (size_t i = 0; i < batch.inputs.size(); ++i) {
    const TensorId id = graph.inputs[i];
    if (id == kNoTensor || c.data[id] == nullptr) continue;
    const int64_t size = graph.tensor(id).size;
    std::copy_n(batch.inputs[i].data() + c.first_row * size, c.rows * size, c.data[id]);
  }
}

// Each pass of a program over the shards of a batch.
inline void RunPasses(const Program& program, const GraphBatch& batch,
                      const Program::Memory& memory, OpContext& c, GraphResult& result) {
  const Graph& graph = program.graph();
  const bool train = program.mode() == Mode::kTrain;
  const int64_t width = graph.tensor(graph.output).size;
  std::vector<double> sums(static_cast<size_t>(program.sum_doubles(batch.rows)), std::nan(""));
  const auto loss = [&](const OpContext& at) {
    const float* output = at.data[graph.output];
    result.output.insert(result.output.end(), output, output + at.rows * width);
    if (!train) return;
    std::copy_n(batch.grad_output.data() + at.first_row * width, at.rows * width,
                at.grad[graph.output]);
  };
  for (int64_t pass = 0; pass < program.num_passes(); ++pass) {
    for (int64_t begin = 0; begin < batch.rows; begin += memory.shard_capacity) {
      std::fill_n(memory.arena, program.arena_floats(memory.shard_capacity), std::nanf(""));
      c.first_row = begin;
      c.rows = std::min(memory.shard_capacity, batch.rows - begin);
      program.Bind(memory, begin, const_cast<float**>(c.data), const_cast<float**>(c.grad));
      if (pass == 0) CopyInputs(graph, batch, c);
      if (train) {
        program.Pass(pass, c, sums.data(), loss);
      } else {
        program.Forward(c);
        loss(c);
      }
    }
    if (pass + 1 < program.num_passes()) program.Join(pass, c, batch.rows, sums.data());
  }
}

inline GraphResult RunGraph(const Program& program, const GraphBatch& batch,
                            const std::vector<float>& parameters, int64_t shard_rows) {
  const Graph& graph = program.graph();
  if (program.num_passes() > 1) shard_rows = RoundUp(shard_rows, program.SumRows());
  PoisonedFloats arena(program.arena_floats(shard_rows));
  PoisonedFloats rows(batch.rows * program.batch_floats_per_row());
  PoisonedFloats packed_floats(program.packed_bytes() / 4);
  auto* packed = reinterpret_cast<std::byte*>(packed_floats.data());
  PoisonedFloats scratch(program.weight_scratch_floats(batch.rows));
  PoisonedFloats gradients(graph.slab_size);
  std::vector<float*> data(graph.tensors.size()), grad(graph.tensors.size());
  OpContext c;
  c.kernels = &program.kernels();
  c.training = batch.training;
  c.seed = 7;
  c.step = batch.step;
  c.data = data.data();
  c.grad = grad.data();
  c.packed = packed;
  PoisonedFloats shared(program.shared_floats());
  GraphResult result;
  result.stored = parameters;
  const Program::Memory memory = {arena.data(),         shard_rows,       rows.data(),  batch.rows,
                                  result.stored.data(), gradients.data(), shared.data()};
  c.scratch = program.Scratch(memory);
  program.PackConstants(packed);
  for (int64_t i = 0; i < program.num_pack_tasks(); ++i) {
    program.Pack(i, parameters.data(), packed);
  }
  RunPasses(program, batch, memory, c, result);
  if (program.mode() == Mode::kTrain) {
    c.first_row = 0;
    c.rows = batch.rows;
    program.Bind(memory, 0, data.data(), grad.data());
    for (int64_t i = 0; i < program.num_weight_tasks(); ++i) {
      program.WeightGrad(i, c, 1.0f, true, scratch.data());
    }
    if (program.num_passes() > 1) program.UpdateStates(c);
  }
  result.gradients.assign(gradients.data(), gradients.data() + graph.slab_size);
  return result;
}

inline std::vector<float> UniformFloats(int64_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<float> values(static_cast<size_t>(n));
  for (float& v : values) v = uniform(random);
  return values;
}

}  // namespace nf

#endif  // NF_TESTING_GRAPH_RUN_H_
