#include "graph/program.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "kernels/sum_blocks.h"
#include "util/error.h"
#include "util/integers.h"
#include "util/job_control.h"

namespace nf {
namespace {

constexpr int64_t kAlignBytes = 64;
// Rows of a weight per gradient task. Each task packs the layer's input anew, so small tiles waste
// packing and large ones leave threads idle.
constexpr int64_t kWeightTileRows = 256;
constexpr int64_t kPackColumns = 128;  // columns per packing task
constexpr int64_t kMostShardRows = 64;

}  // namespace

Program::Program(const Graph& graph, const KernelTable& kernels, Mode mode)
    : graph_(graph), kernels_(kernels), mode_(mode) {
  FindLiveOps();
  if (mode_ == Mode::kTrain) PlanSegments();
  memory_ = PlanMemory(graph_, root(), live_, segments_, mode_);
  PlanContributions();
  PlanPacks();
  if (mode_ == Mode::kTrain) PlanWeightTasks();
}

void Program::FindLiveOps() {
  std::vector<bool> wanted(graph_.tensors.size(), false);
  wanted[static_cast<size_t>(root())] = true;
  for (size_t i = graph_.ops.size(); i-- > 0;) {
    const Op& op = *graph_.ops[i];
    if (!wanted[static_cast<size_t>(op.output)]) continue;
    for (TensorId in : op.inputs) wanted[static_cast<size_t>(in)] = true;
    live_.push_back(i);
  }
  std::reverse(live_.begin(), live_.end());
}

int64_t Program::Flops() const {
  int64_t flops = 0;
  for (const size_t i : live_) {
    const Op& op = *graph_.ops[i];
    flops += op.flops_forward;
    if (mode_ == Mode::kInfer || !RunsBackward(op)) continue;
    flops += op.flops_weight;
    if (graph_.tensor(op.inputs[0]).needs_grad) flops += op.flops_input;
  }
  return flops;
}

void Program::PlanContributions() {
  for (size_t i : live_) {
    const Op& op = *graph_.ops[i];
    scratch_floats_ = std::max(scratch_floats_, RoundUp(op.ScratchFloats(kernels_), kAlignFloats));
    least_rows_ = std::max(least_rows_, op.least_rows);
  }
  // The reverse sweep meets consumers last to first: all but the first add.
  accumulate_.resize(graph_.ops.size());
  std::vector<uint8_t> has_contribution(graph_.tensors.size(), 0);
  for (size_t i = live_.size(); i-- > 0;) {
    const Op& op = *graph_.ops[live_[i]];
    auto& flags = accumulate_[live_[i]];
    for (TensorId in : op.inputs) {
      flags.push_back(has_contribution[static_cast<size_t>(in)]);
      if (RunsBackward(op)) has_contribution[static_cast<size_t>(in)] = 1;
    }
  }
}

void Program::PlanPacks() {
  pack_offset_.resize(graph_.ops.size());
  // What several ops read is packed once: a recurrent forecast has one op a step, and blocks share
  // their bases.
  std::map<std::array<int64_t, 8>, int64_t> known;
  for (size_t i : live_) {
    const Op& op = *graph_.ops[i];
    for (size_t p = 0; p < op.packs.size(); ++p) {
      const PackRequest& request = op.packs[p];
      pack_offset_[i].push_back(packed_bytes_);
      if (request.backward && mode_ == Mode::kInfer) continue;
      const auto [at, fresh] = known.emplace(request.key, packed_bytes_);
      pack_offset_[i].back() = at->second;
      if (!fresh) continue;
      const PackRequest::Size size = request.size(kernels_);
      packed_bytes_ += RoundUp(size.bytes, kAlignBytes);
      const int64_t columns = RoundUp(kPackColumns, size.step);
      auto& tasks = request.weight == kNoTensor ? constant_packs_ : pack_tasks_;
      for (int64_t begin = 0; begin < request.columns; begin += columns) {
        tasks.push_back({i, p, begin, std::min(begin + columns, request.columns)});
      }
    }
  }
}

// One task writes the gradient of a weight and of what goes along with it, op by op: that is all of
// it only where the same ops use both.
void Program::CheckAlong(const std::map<TensorId, std::vector<WeightUser>>& users) const {
  std::map<TensorId, std::set<size_t>> ops_along;
  for (const auto& [weight, of_weight] : users) {
    for (const auto& [op, which] : of_weight) {
      for (TensorId t : graph_.ops[op]->gradients[which].along) ops_along[t].insert(op);
    }
  }
  for (const auto& [weight, of_weight] : users) {
    std::set<size_t> ops;
    for (const WeightUser& user : of_weight) ops.insert(user.op);
    for (const auto& [op, which] : of_weight) {
      for (TensorId t : graph_.ops[op]->gradients[which].along) {
        if (ops_along[t] == ops && !users.contains(t)) continue;
        Fail(ErrorCode::kInternal, "the gradient of '" + graph_.tensor(t).name +
                                       "' goes along with that of '" + graph_.tensor(weight).name +
                                       "', which other operations use");
      }
    }
  }
}

void Program::PlanWeightTasks() {
  std::map<TensorId, std::vector<WeightUser>> users;  // by parameter, ops in order
  for (size_t i : live_) {
    const Op& op = *graph_.ops[i];
    if (!RunsBackward(op)) continue;
    for (size_t which = 0; which < op.gradients.size(); ++which) {
      users[op.gradients[which].weight].push_back({i, which});
    }
  }
  CheckAlong(users);
  std::vector<std::pair<int64_t, WeightTask>> tasks;  // with the work of each
  for (const auto& [weight, of_weight] : users) {
    const TensorInfo& info = graph_.tensor(weight);
    for (int64_t begin = 0; begin < info.dims[0]; begin += kWeightTileRows) {
      const int64_t end = std::min(begin + kWeightTileRows, info.dims[0]);
      tasks.push_back({std::ssize(of_weight) * (end - begin) * (info.size / info.dims[0]),
                       WeightTask{of_weight, begin, end}});
    }
  }
  // Longest first, so that the last tasks to finish are short.
  std::stable_sort(tasks.begin(), tasks.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [work, task] : tasks) weight_tasks_.push_back(std::move(task));
}

int64_t Program::CachedRows() const {
  // TCN at its defaults, 150528 floats a row, training step of 128 windows of 168 in ms on 1 and 2
  // threads (Zen 5, L2 of 1 MB): 1 row 81 and 47, 2 rows 82 and 41, 4 rows 85 and 46, 8 rows 88 and
  // 45. Only what is large is cut: 64 rows of NHITS take 1.5 MB and would be slower in fewer (tiles
  // of the matrix kernel start and end more often).
  constexpr int64_t kSmallRow = int64_t{1} << 14, kCached = int64_t{3} << 17;
  if (memory_.arena_floats <= kSmallRow) return kMostShardRows;
  const auto rows = static_cast<uint64_t>(std::max<int64_t>(kCached / memory_.arena_floats, 1));
  return std::clamp(static_cast<int64_t>(std::bit_floor(rows)),
                    static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(least_rows_))),
                    kMostShardRows);
}

int64_t Program::ShardRows(int64_t batch_rows, bool low_memory) const {
  // 64 rows of 512 floats are 128 KB: a layer's input and output stay in L2. At least 16 shards
  // where the batch allows, so that threads share the work.
  const int64_t by_batch =
      std::clamp(RoundUp(batch_rows / 16, 8), int64_t{8}, low_memory ? 16 : kMostShardRows);
  return std::min(by_batch, CachedRows());
}

int64_t Program::BlockRows() const {
  // Up to the blocks that sums are cut into anyway (kernels/sum_blocks.h). Less where a row
  // takes much: what is kept for the weights should not leave the cache before they are updated.
  constexpr int64_t kCached = int64_t{1} << 22;
  const auto rows = static_cast<uint64_t>(kCached / std::max<int64_t>(memory_.batch_floats, 1));
  const auto most = static_cast<uint64_t>(SumBlockRows());
  return std::max(static_cast<int64_t>(std::bit_floor(std::clamp<uint64_t>(rows, 1, most))),
                  CachedRows());
}

void Program::Pack(const PackTask& t, const float* parameters, std::byte* packed) const {
  const PackRequest& r = graph_.ops[t.op]->packs[t.pack];
  const float* weight =
      r.weight == kNoTensor ? nullptr : parameters + graph_.tensor(r.weight).offset;
  r.pack(kernels_, weight, t.begin, t.end, packed + pack_offset_[t.op][t.pack]);
}

void Program::PackConstants(std::byte* packed) const {
  for (const PackTask& t : constant_packs_) Pack(t, nullptr, packed);
}

void Program::Pack(int64_t task, const float* parameters, std::byte* packed) const {
  Pack(pack_tasks_[static_cast<size_t>(task)], parameters, packed);
}

void Program::WeightGrad(int64_t task, const OpContext& c, float alpha, bool first,
                         float* scratch) const {
  const WeightTask& t = weight_tasks_[static_cast<size_t>(task)];
  for (const WeightUser& u : t.users) {
    ThrowIfStopped();
    graph_.ops[u.op]->WeightGrad(c, u.which, t.begin, t.end, alpha, first, scratch);
    first = false;
  }
}

int64_t Program::weight_scratch_floats(int64_t rows) const {
  int64_t most = 0;
  for (const WeightTask& t : weight_tasks_) {
    for (const WeightUser& u : t.users) {
      most = std::max(
          most, graph_.ops[u.op]->WeightGradScratch(kernels_, u.which, rows, t.end - t.begin));
    }
  }
  return most;
}

void Program::Bind(const Memory& m, int64_t first_row, float** data, float** grad) const {
  using Slot = MemoryPlan::Slot;
  auto address = [&](const Slot& slot, int64_t size, float* slab) -> float* {
    switch (slot.place) {
      case Slot::kNone:
        return nullptr;
      case Slot::kArena:
        return m.arena + slot.offset * m.shard_capacity;
      case Slot::kBatch:
        return m.batch + slot.offset * m.batch_capacity + first_row * size;
      case Slot::kParameter:
        return slab + slot.offset;
      case Slot::kShared:
        return m.shared + slot.offset;
    }
    return nullptr;
  };
  for (size_t t = 0; t < graph_.tensors.size(); ++t) {
    const int64_t size = graph_.tensors[t].size;
    data[t] = address(memory_.data[t], size, const_cast<float*>(m.parameters));
    grad[t] = address(memory_.grad[t], size, m.gradients);
  }
}

}  // namespace nf
