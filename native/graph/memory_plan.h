// Where each tensor of a graph lives: from when it is written to when it is last read, a plan gives
// it memory that others have before and after.
#ifndef NF_GRAPH_MEMORY_PLAN_H_
#define NF_GRAPH_MEMORY_PLAN_H_

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace nf {

enum class Mode { kTrain, kInfer };

constexpr int64_t kAlignFloats = 16;  // 64 bytes: where a tensor begins

struct MemoryPlan {
  struct Slot {  // where a tensor lives
    enum Place : uint8_t { kNone, kArena, kBatch, kParameter, kShared } place = kNone;
    int64_t offset = 0;  // floats: per row for kArena and kBatch, else into the slab or the shared
  };
  std::vector<Slot> data, grad;                // by tensor
  int64_t arena_floats = 0, batch_floats = 0;  // a row
  int64_t shared_floats = 0;                   // a batch
};

// Of the ops `live` (indices, in order) that `root` is made by, which are cut into segments (where
// in `live` each begins). What the weights phase reads of all rows is kept for the whole batch
// (kBatch), and so is what lives from one segment to another; every other tensor for a shard of
// rows.
MemoryPlan PlanMemory(const Graph& graph, TensorId root, const std::vector<size_t>& live,
                      const std::vector<size_t>& segments, Mode mode);

}  // namespace nf

#endif  // NF_GRAPH_MEMORY_PLAN_H_
