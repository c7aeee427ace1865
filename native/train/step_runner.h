// Loss and gradient of one batch: the three phases of graph/program.h over an engine's threads.
#ifndef NF_TRAIN_STEP_RUNNER_H_
#define NF_TRAIN_STEP_RUNNER_H_

#include <cstdint>
#include <vector>

#include "engine/batch_source.h"
#include "engine/engine.h"
#include "engine/neural_model.h"
#include "graph/program.h"
#include "heads/head.h"

namespace nf {

class StepRunner {
 public:
  // For batches of at most max_rows rows. Takes its memory from the engine's pool.
  StepRunner(const NeuralModel& model, Engine& engine, int64_t max_rows);

  // The loss of the batch before the update, and the factor that the gradients still need (RMSE's 1
  // / (2 rmse)).
  using Outcome = Head::Result;
  // Gradients of the batch at `parameters` into the slab `gradients`. `step` keys the dropout
  // draws.
  Outcome Run(const BatchSource& source, const float* parameters, int64_t step, float* gradients);
  // Adds instead of writing, with the outcome's factor already applied: for accumulated batches.
  Outcome RunAndAdd(const BatchSource& source, const float* parameters, int64_t step,
                    float* gradients);

  // The states of a slab, from the batch that went before; nothing where there are none.
  void UpdateStates(float* slab);

  const Program& program() const { return program_; }

 private:
  struct Slot {  // one thread's memory
    Buffer buffer;
    float *arena, *weight_scratch;
    double* scratch;
    std::vector<float*> data, grad;
  };

  int64_t ChunkRows(int64_t max_rows) const;
  void Allocate(int64_t max_rows);
  void Begin(const BatchSource& source, const float* parameters, float* gradients);
  void PackWeights(const float* parameters);
  OpContext Bind(Slot& slot, int64_t chunk_begin, int64_t begin, int64_t count, int64_t step);
  // One pass over a shard.
  void RunShard(Slot& slot, const BatchSource& source, int64_t pass, int64_t chunk_begin,
                int64_t begin, int64_t count, int64_t step);
  void DrawLevels(const OpContext& c) const;
  void WeightPhase(int64_t chunk_begin, int64_t count, int64_t step, float alpha, bool first);
  // Forward, loss and backward of rows [begin, end), a chunk.
  void ShardPhase(const BatchSource& source, int64_t begin, int64_t end, int64_t step);
  Outcome Finish(const BatchSource& source) const;

  const NeuralModel& model_;
  Engine& engine_;
  const Program program_;
  const Head& head_;
  int64_t shard_rows_ = 0, chunk_rows_ = 0, scratch_doubles_ = 0;
  int64_t block_rows_ = 0;  // of the model alone: rows that weight gradients are summed by
  Buffer packed_, batch_;
  Buffer shared_, sums_;  // where there are several passes: what ops share, and their sums
  std::vector<Slot> slots_;
  Program::Memory memory_;
  LossSums loss_;  // of the running batch
  std::vector<double> block_sums_;
};

}  // namespace nf

#endif  // NF_TRAIN_STEP_RUNNER_H_
