#include "train/step_runner.h"

#include <algorithm>
#include <cmath>

#include "kernels/sum_blocks.h"
#include "util/integers.h"

namespace nf {
namespace {

// What a batch keeps for the weight phase, unless that is more than the last-level cache holds:
// then it is cut into chunks that each run all phases, with two shards a thread.
constexpr int64_t kKeptFloats = int64_t{1} << 22;
constexpr int64_t kShardsPerThread = 2;

template <class T>
Buffer Acquire(Pool& pool, int64_t count) {
  return pool.Acquire(static_cast<size_t>(std::max<int64_t>(count, 1)) * sizeof(T));
}

}  // namespace

StepRunner::StepRunner(const NeuralModel& model, Engine& engine, int64_t max_rows)
    : model_(model),
      engine_(engine),
      program_(model.graph(), engine.kernels, Mode::kTrain),
      head_(model.head()) {
  Allocate(max_rows);
  program_.PackConstants(packed_.As<std::byte>());
}

// A multiple of block_rows_, so that the threads do not change the result. A program of several
// passes is never cut, not even with lowMemory: what it sums of all rows it needs before any of
// them goes on, so that what lives from one pass to another is of the whole batch anyway.
int64_t StepRunner::ChunkRows(int64_t max_rows) const {
  if (program_.num_passes() > 1) return max_rows;
  if (engine_.options.low_memory) return std::min(block_rows_, max_rows);
  if (max_rows * program_.batch_floats_per_row() <= kKeptFloats) return max_rows;
  const int64_t busy = kShardsPerThread * engine_.executor.num_threads() * shard_rows_;
  const int64_t kept = kKeptFloats / program_.batch_floats_per_row();
  return std::min(RoundUp(std::max(busy, kept), block_rows_), max_rows);
}

void StepRunner::Allocate(int64_t max_rows) {
  const ModelConfig& c = model_.config();
  shard_rows_ = program_.ShardRows(max_rows, engine_.options.low_memory);
  block_rows_ = program_.num_passes() > 1 ? max_rows : program_.BlockRows();
  chunk_rows_ = ChunkRows(max_rows);
  scratch_doubles_ = WindowShape::ScratchDoubles(c.lookback(), c.train_horizon());
  packed_ = Acquire<std::byte>(engine_.pool, program_.packed_bytes());
  batch_ = Acquire<float>(engine_.pool, chunk_rows_ * program_.batch_floats_per_row());
  if (program_.num_passes() > 1) {
    shared_ = Acquire<float>(engine_.pool, program_.shared_floats());
    sums_ = Acquire<double>(engine_.pool, program_.sum_doubles(max_rows));
    memory_.shared = shared_.As<float>();
  }
  loss_.rows = program_.SumRows();
  const auto blocks = static_cast<size_t>((max_rows + loss_.rows - 1) / loss_.rows);
  block_sums_.resize(2 * blocks);
  loss_.sums = block_sums_.data();
  loss_.benchmarks = loss_.sums + blocks;

  const int64_t arena = RoundUp(program_.arena_floats(shard_rows_), 16);
  const int64_t scratch = RoundUp(2 * scratch_doubles_, 16);  // in floats
  // The weight phase runs when no arena is in use, so its scratch lies over them.
  const int64_t floats = std::max(arena + scratch, program_.weight_scratch_floats(chunk_rows_));
  slots_.resize(static_cast<size_t>(engine_.executor.num_threads()));
  for (Slot& slot : slots_) {
    slot.buffer = Acquire<float>(engine_.pool, floats);
    slot.arena = slot.weight_scratch = slot.buffer.As<float>();
    slot.scratch = reinterpret_cast<double*>(slot.arena + arena);
    slot.data.resize(model_.graph().tensors.size());
    slot.grad.resize(model_.graph().tensors.size());
  }
}

void StepRunner::PackWeights(const float* parameters) {
  engine_.executor.ParallelFor(program_.num_pack_tasks(), [&](int64_t task, int) {
    program_.Pack(task, parameters, packed_.As<std::byte>());
  });
}

// `begin`: the first row covered, in the batch; memory is laid out from chunk_begin.
OpContext StepRunner::Bind(Slot& slot, int64_t chunk_begin, int64_t begin, int64_t count,
                           int64_t step) {
  Program::Memory memory = memory_;
  memory.arena = slot.arena;
  memory.shard_capacity = shard_rows_;
  memory.batch = batch_.As<float>();
  memory.batch_capacity = chunk_rows_;
  program_.Bind(memory, begin - chunk_begin, slot.data.data(), slot.grad.data());
  OpContext c;
  c.kernels = &engine_.kernels;
  c.rows = count;
  c.first_row = begin;
  c.training = true;
  c.seed = model_.seed();
  c.step = step;
  c.data = slot.data.data();
  c.grad = slot.grad.data();
  c.packed = packed_.As<std::byte>();
  c.scratch = program_.Scratch(memory);
  c.loss = &loss_;
  return c;
}

void StepRunner::RunShard(Slot& slot, const BatchSource& source, int64_t pass, int64_t chunk_begin,
                          int64_t begin, int64_t count, int64_t step) {
  OpContext c = Bind(slot, chunk_begin, begin, count, step);
  if (pass == 0) {
    const Graph& graph = program_.graph();
    BatchRows rows;
    for (size_t i = 0; i < rows.inputs.size(); ++i) {
      if (graph.inputs[i] != kNoTensor) rows.inputs[i] = c.data[graph.inputs[i]];
    }
    source.Fill(begin, count, rows, slot.scratch);
    if (head_.ports().level) DrawLevels(c);
  }
  program_.Pass(pass, c, sums_.As<double>(), [](const OpContext&) {});
}

void StepRunner::DrawLevels(const OpContext& c) const {
  const TensorId input = program_.graph().inputs[Input::kLevel];
  const int64_t points = program_.graph().tensor(input).size;
  for (int64_t r = 0; r < c.rows; ++r) {
    head_.DrawLevels(c.seed, c.step, c.first_row + r,
                     {c.data[input] + r * points, static_cast<size_t>(points)});
  }
}

void StepRunner::ShardPhase(const BatchSource& source, int64_t begin, int64_t end, int64_t step) {
  const int64_t shards = (end - begin + shard_rows_ - 1) / shard_rows_;
  for (int64_t pass = 0; pass < program_.num_passes(); ++pass) {
    engine_.executor.ParallelFor(shards, [&](int64_t shard, int slot) {
      const int64_t first = begin + shard * shard_rows_;
      RunShard(slots_[static_cast<size_t>(slot)], source, pass, begin, first,
               std::min(shard_rows_, end - first), step);
    });
    if (pass + 1 == program_.num_passes()) return;
    const OpContext c = Bind(slots_[0], begin, begin, end - begin, step);
    program_.Join(pass, c, end - begin, sums_.As<double>());
  }
}

void StepRunner::WeightPhase(int64_t chunk_begin, int64_t count, int64_t step, float alpha,
                             bool first) {
  engine_.executor.ParallelFor(program_.num_weight_tasks(), [&](int64_t task, int slot_index) {
    Slot& slot = slots_[static_cast<size_t>(slot_index)];
    // As in chunks of block_rows_. Where sums are cut there anyway, one pass over more rows has the
    // same bits, unless the users of a shared weight have to take turns.
    const bool one_pass = block_rows_ == SumBlockRows() && !program_.SharedWeight(task);
    const int64_t block = one_pass ? count : block_rows_;
    for (int64_t begin = 0; begin < count; begin += block) {
      const OpContext c =
          Bind(slot, chunk_begin, chunk_begin + begin, std::min(block, count - begin), step);
      program_.WeightGrad(task, c, alpha, first && begin == 0, slot.weight_scratch);
    }
  });
}

StepRunner::Outcome StepRunner::Finish(const BatchSource& source) const {
  double sum = 0, benchmark = 0;
  for (int64_t i = 0; i < (source.rows() + loss_.rows - 1) / loss_.rows; ++i) {
    sum += loss_.sums[i];
    benchmark += loss_.benchmarks[i];
  }
  if (source.weight_sum() > 0) return head_.Of(sum, benchmark, source.weight_sum());
  return {};
}

void StepRunner::Begin(const BatchSource& source, const float* parameters, float* gradients) {
  memory_.parameters = parameters;
  memory_.gradients = gradients;
  loss_.grad_scale = source.weight_sum() > 0 ? static_cast<float>(1.0 / source.weight_sum()) : 0.0f;
  PackWeights(parameters);
}

StepRunner::Outcome StepRunner::Run(const BatchSource& source, const float* parameters,
                                    int64_t step, float* gradients) {
  Begin(source, parameters, gradients);
  for (int64_t begin = 0; begin < source.rows(); begin += chunk_rows_) {
    const int64_t end = std::min(begin + chunk_rows_, source.rows());
    ShardPhase(source, begin, end, step);
    WeightPhase(begin, end - begin, step, 1.0f, begin == 0);
  }
  return Finish(source);
}

StepRunner::Outcome StepRunner::RunAndAdd(const BatchSource& source, const float* parameters,
                                          int64_t step, float* gradients) {
  Begin(source, parameters, gradients);
  // The factor of RMSE is known after the last row. In low-memory chunks a first pass finds it: the
  // same bits for twice the forward work of such losses.
  float alpha = 1.0f;
  const bool one_chunk = source.rows() <= chunk_rows_;
  if (head_.has_factor() && !one_chunk) {
    for (int64_t begin = 0; begin < source.rows(); begin += chunk_rows_) {
      ShardPhase(source, begin, std::min(begin + chunk_rows_, source.rows()), step);
    }
    alpha = Finish(source).grad_scale;
  }
  for (int64_t begin = 0; begin < source.rows(); begin += chunk_rows_) {
    const int64_t end = std::min(begin + chunk_rows_, source.rows());
    ShardPhase(source, begin, end, step);
    if (one_chunk) alpha = Finish(source).grad_scale;
    WeightPhase(begin, end - begin, step, alpha, false);
  }
  return Finish(source);
}

void StepRunner::UpdateStates(float* slab) {
  if (program_.num_passes() == 1) return;
  memory_.parameters = slab;
  program_.UpdateStates(Bind(slots_[0], 0, 0, 0, 0));
}

}  // namespace nf
