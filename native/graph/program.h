// A graph made ready to run: dead ops dropped, memory planned from liveness, work cut into tasks.
//
// A training step has three phases, each data-parallel, with a barrier between them:
//   pack     weights into panels, once for all shards
//   shards   each shard of rows runs forward, loss and backward through the arena of its thread
//   weights  weight gradients over all rows of the batch, parallel over tiles of the weights
// An op that couples rows (Op::coupled_sums) cuts the ops into segments, and the second phase into
// passes over the shards: forward through one segment after the other, loss and backward with the
// last, and backward through the others. Between two passes the op's sums over all rows are put
// together from those of blocks of rows, in order. Without such an op there is one pass.
// Only what the third phase reads (a linear layer's input and output gradient) and what lives from
// one pass to another is kept for the whole batch; every other tensor lives in the shard's arena
// and shares its memory with tensors that are dead by then. What a row or a weight comes out as
// depends on no shard, thread or tile.
#ifndef NF_GRAPH_PROGRAM_H_
#define NF_GRAPH_PROGRAM_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

#include "graph/memory_plan.h"

namespace nf {

class Program {
 public:
  Program(const Graph& graph, const KernelTable& kernels, Mode mode);

  const Graph& graph() const { return graph_; }
  const KernelTable& kernels() const { return kernels_; }
  Mode mode() const { return mode_; }
  // Floating-point operations of one row, in the mode of the program: useful ones alone. Dead ops
  // do none, and what is computed again is counted once.
  int64_t Flops() const;

  // Phase 1. Constants are packed by PackConstants, once.
  int64_t packed_bytes() const { return packed_bytes_; }
  void PackConstants(std::byte* packed) const;
  int64_t num_pack_tasks() const { return static_cast<int64_t>(pack_tasks_.size()); }
  void Pack(int64_t task, const float* parameters, std::byte* packed) const;

  // Inference, over the rows of `c`.
  void Forward(OpContext& c) const { Forward(0, c); }

  // Phase 2: each pass over the rows of `c`, a shard that begins at a multiple of SumRows() unless
  // there is one pass. The inputs are set before the first. Where a graph ends in no loss,
  // `between` is called in between forward and backward and sets grad[output]. `sums`:
  // sum_doubles() for the batch.
  int64_t num_passes() const { return 2 * std::ssize(segments_) - 1; }
  template <class Between>
  void Pass(int64_t pass, OpContext& c, double* sums, Between&& between) const {
    const int64_t last = std::ssize(segments_) - 1;
    if (pass <= last) Forward(pass, c);
    if (pass == last) between(c);
    if (pass >= last) Backward(2 * last - pass, c);
    if (pass + 1 < num_passes()) Sum(pass, c, sums);
  }
  // After a pass over all `rows` of the batch, once; `c` of any of them.
  void Join(int64_t pass, const OpContext& c, int64_t rows, double* sums) const;
  // Where there were several passes: the states of the slab, from the batch that they went over.
  void UpdateStates(const OpContext& c) const;
  int64_t sum_doubles(int64_t rows) const {
    return (rows + SumRows() - 1) / SumRows() * most_sums_;
  }
  // Rows that sums over a batch are made of, by the model alone: divides every shard.
  int64_t SumRows() const { return std::min<int64_t>(CachedRows(), 8); }

  // Phase 3, over all rows of `c`. `first`: write the parameter gradients, else add to them.
  int64_t num_weight_tasks() const { return static_cast<int64_t>(weight_tasks_.size()); }
  void WeightGrad(int64_t task, const OpContext& c, float alpha, bool first, float* scratch) const;
  // Several ops add to this task's gradient, one after the other: its bits depend on where a batch
  // is cut.
  bool SharedWeight(int64_t task) const {
    return weight_tasks_[static_cast<size_t>(task)].users.size() > 1;
  }
  int64_t weight_scratch_floats(int64_t rows) const;

  // Memory in floats: of a shard of `rows` rows, and of a batch per row.
  int64_t arena_floats(int64_t rows) const { return rows * memory_.arena_floats + scratch_floats_; }
  int64_t batch_floats_per_row() const { return memory_.batch_floats; }
  int64_t shared_floats() const { return memory_.shared_floats; }

  // Rows of a shard that stay in the L2 cache together: a power of two, at most 64.
  int64_t CachedRows() const;
  // Rows of a shard of a batch: by the model and the batch alone.
  int64_t ShardRows(int64_t batch_rows, bool low_memory) const;
  // Rows that a weight gradient sums before it goes on to the next ones: by the model alone, so
  // that a batch cut at multiples of it gives the bits of one pass.
  int64_t BlockRows() const;

  // Points data/grad (one entry a tensor) at the shard that begins at `first_row` of the batch.
  struct Memory {
    float* arena = nullptr;  // arena_floats(shard_capacity)
    int64_t shard_capacity = 0;
    float* batch = nullptr;  // batch_capacity * batch_floats_per_row
    int64_t batch_capacity = 0;
    const float* parameters = nullptr;
    float* gradients = nullptr;
    float* shared = nullptr;  // shared_floats
  };
  void Bind(const Memory& memory, int64_t first_row, float** data, float** grad) const;
  // OpContext::scratch.
  float* Scratch(const Memory& m) const {
    return m.arena + m.shard_capacity * memory_.arena_floats;
  }

 private:
  struct PackTask {
    size_t op, pack;
    int64_t begin, end;  // columns
  };
  struct WeightUser {
    size_t op, which;
  };
  struct WeightTask {
    std::vector<WeightUser> users;  // of one weight, in order
    int64_t begin, end;             // rows of the weight
  };

  struct Barrier {  // before `op` goes on
    const Op& op;
    Direction direction;
  };

  // What the ops are there for.
  TensorId root() const {
    return mode_ == Mode::kTrain && graph_.loss != kNoTensor ? graph_.loss : graph_.output;
  }
  void FindLiveOps();
  void PlanSegments();
  void Forward(int64_t segment, OpContext& c) const;
  // Of what comes after the barrier of the segment's first op, whose own comes with the one before.
  void Backward(int64_t segment, OpContext& c) const;
  Barrier After(int64_t pass) const;
  void Sum(int64_t pass, const OpContext& c, double* sums) const;
  void PlanContributions();
  void PlanPacks();
  void Pack(const PackTask& task, const float* parameters, std::byte* packed) const;
  void PlanWeightTasks();
  void CheckAlong(const std::map<TensorId, std::vector<WeightUser>>& users) const;
  bool RunsBackward(const Op& op) const { return graph_.tensor(op.output).needs_grad; }

  const Graph& graph_;
  const KernelTable& kernels_;
  const Mode mode_;
  std::vector<size_t> live_;                      // indices of ops, in order
  std::vector<size_t> segments_ = {0};            // where in live_ each begins
  std::vector<std::vector<uint8_t>> accumulate_;  // by op: by input
  MemoryPlan memory_;
  std::vector<std::vector<int64_t>> pack_offset_;  // by op: by pack
  std::vector<PackTask> pack_tasks_, constant_packs_;
  std::vector<WeightTask> weight_tasks_;
  int64_t packed_bytes_ = 0, scratch_floats_ = 0;
  int64_t least_rows_ = 1, most_sums_ = 0;
};

}  // namespace nf

#endif  // NF_GRAPH_PROGRAM_H_
