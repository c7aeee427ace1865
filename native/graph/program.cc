#include "graph/program.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "util/error.h"
#include "util/integers.h"
#include "util/job_control.h"

namespace nf {
namespace {

constexpr int64_t kAlignFloats = 16;  // 64 bytes
// Rows of a weight per gradient task. Each task packs the layer's input anew, so small tiles waste
// packing and large ones leave threads idle.
constexpr int64_t kWeightTileRows = 256;
constexpr int64_t kPackColumns = 128;  // columns per packing task
constexpr int64_t kMostShardRows = 64;

}  // namespace

Program::Program(const Graph& graph, const KernelTable& kernels, Mode mode)
    : graph_(graph), kernels_(kernels), mode_(mode) {
  FindLiveOps();
  PlanMemory();
  PlanPacks();
  if (mode_ == Mode::kTrain) PlanWeightTasks();
}

void Program::FindLiveOps() {
  std::vector<bool> wanted(graph_.tensors.size(), false);
  wanted[static_cast<size_t>(graph_.output)] = true;
  for (size_t i = graph_.ops.size(); i-- > 0;) {
    const Op& op = *graph_.ops[i];
    if (!wanted[static_cast<size_t>(op.output)]) continue;
    for (TensorId in : op.inputs) wanted[static_cast<size_t>(in)] = true;
    live_.push_back(i);
  }
  std::reverse(live_.begin(), live_.end());
}

// Times: forward of live op i at i, the loss at n, backward of live op i at 2n - i.
std::vector<Program::LiveRange> Program::Ranges() {
  const auto n = static_cast<int64_t>(live_.size());
  const size_t count = graph_.tensors.size();
  std::vector<LiveRange> data(count), grad(count);
  std::vector<bool> batch_data(count, false), batch_grad(count, false), used(count, false);
  for (size_t t = 0; t < count; ++t) {
    data[t] = {static_cast<TensorId>(t), false, 0, 0};
    grad[t] = {static_cast<TensorId>(t), true, -1, -1};
  }
  for (int64_t i = 0; i < n; ++i) {
    const Op& op = *graph_.ops[live_[static_cast<size_t>(i)]];
    const bool backward = mode_ == Mode::kTrain && RunsBackward(op);
    for (size_t j = 0; j < op.inputs.size(); ++j) {
      const auto in = static_cast<size_t>(op.inputs[j]);
      used[in] = true;
      const bool reads = backward && op.BackwardReadsInput(static_cast<int>(j));
      data[in].end = std::max(data[in].end, reads ? 2 * n - i : i);
      // Consumers run backward in reverse order: the last one contributes first.
      if (backward && graph_.tensor(op.inputs[j]).needs_grad) grad[in].begin = 2 * n - i;
    }
    const auto out = static_cast<size_t>(op.output);
    used[out] = true;
    data[out].begin = i;
    data[out].end = backward && op.BackwardReadsOutput() ? 2 * n - i : i;
    if (backward) grad[out].end = 2 * n - i;
    for (TensorId t : op.saved) {
      const auto at = static_cast<size_t>(t);
      used[at] = true;
      data[at].begin = i;
      data[at].end = backward ? 2 * n - i : i;
    }
    if (!backward) continue;
    for (TensorId t : op.batch_data) batch_data[static_cast<size_t>(t)] = true;
    for (TensorId t : op.batch_grad) batch_grad[static_cast<size_t>(t)] = true;
  }
  const auto output = static_cast<size_t>(graph_.output);
  data[output].end = std::max(data[output].end, n);
  if (mode_ == Mode::kTrain) grad[output].begin = n;

  std::vector<LiveRange> arena;
  auto place = [&](std::vector<Slot>& slots, const LiveRange& range, bool in_batch) {
    const TensorInfo& info = graph_.tensor(range.tensor);
    Slot& slot = slots[static_cast<size_t>(range.tensor)];
    if (info.kind == TensorKind::kParameter) {
      slot = {Slot::kParameter, info.offset};
    } else if (in_batch) {
      slot = {Slot::kBatch, batch_floats_};
      batch_floats_ += RoundUp(info.size, kAlignFloats);
    } else {
      slot.place = Slot::kArena;
      arena.push_back(range);
    }
  };
  for (size_t t = 0; t < count; ++t) {
    if (!used[t]) continue;
    place(data_, data[t], batch_data[t]);
    if (mode_ == Mode::kTrain && graph_.tensors[t].needs_grad) place(grad_, grad[t], batch_grad[t]);
  }
  return arena;
}

// Greedy by size: the largest tensors first, each at the lowest offset that is free while it lives.
void Program::PlaceInArena(std::vector<LiveRange> ranges) {
  auto size = [&](const LiveRange& r) {
    return RoundUp(graph_.tensor(r.tensor).size, kAlignFloats);
  };
  std::stable_sort(ranges.begin(), ranges.end(),
                   [&](const LiveRange& a, const LiveRange& b) { return size(a) > size(b); });
  struct Placed {
    LiveRange range;
    int64_t offset, end;
  };
  std::vector<Placed> placed;  // sorted by offset
  for (const LiveRange& r : ranges) {
    int64_t offset = 0;
    for (const Placed& p : placed) {
      if (p.range.end < r.begin || r.end < p.range.begin) continue;
      if (offset + size(r) <= p.offset) break;
      offset = std::max(offset, p.end);
    }
    (r.grad ? grad_ : data_)[static_cast<size_t>(r.tensor)].offset = offset;
    const Placed entry{r, offset, offset + size(r)};
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), entry,
                         [](const Placed& a, const Placed& b) { return a.offset < b.offset; }),
        entry);
    arena_floats_ = std::max(arena_floats_, entry.end);
  }
}

void Program::PlanMemory() {
  data_.resize(graph_.tensors.size());
  grad_.resize(graph_.tensors.size());
  PlaceInArena(Ranges());
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
  const auto panel = static_cast<int64_t>(kernels_.gemm.panel);
  const int64_t columns = RoundUp(kPackColumns, panel);
  // What several ops read is packed once: a recurrent forecast has one op a step, and blocks share
  // their bases.
  using Key = std::tuple<TensorId, const void*, Trans, int64_t, int64_t, int64_t, int64_t, int64_t>;
  std::map<Key, int64_t> known;
  for (size_t i : live_) {
    const Op& op = *graph_.ops[i];
    for (size_t p = 0; p < op.packs.size(); ++p) {
      const PackRequest& request = op.packs[p];
      pack_offset_[i].push_back(packed_floats_);
      if (request.backward && mode_ == Mode::kInfer) continue;
      const bool constant = request.tensor == kNoTensor;
      const void* matrix = constant ? request.constant->identity() : nullptr;
      const Key key = {request.tensor, matrix,     request.trans,  request.k,
                       request.n,      request.ld, request.offset, request.gates};
      const auto [at, fresh] = known.emplace(key, packed_floats_);
      pack_offset_[i].back() = at->second;
      if (!fresh) continue;
      packed_floats_ += RoundUp(PackedFloats(request), kAlignFloats);
      auto& tasks = constant ? constant_packs_ : pack_tasks_;
      for (int64_t begin = 0; begin < request.n; begin += columns) {
        tasks.push_back({i, p, begin, std::min(begin + columns, request.n)});
      }
    }
  }
}

void Program::PlanWeightTasks() {
  std::map<TensorId, std::vector<WeightUser>> users;  // by parameter, ops in order
  for (size_t i : live_) {
    const Op& op = *graph_.ops[i];
    if (!RunsBackward(op)) continue;
    for (size_t which = 0; which < op.weights.size(); ++which) {
      users[op.weights[which]].push_back({i, which});
    }
  }
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
  if (arena_floats_ <= kSmallRow) return kMostShardRows;
  const auto rows = static_cast<uint64_t>(std::max<int64_t>(kCached / arena_floats_, 1));
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
  // Up to the K block of the matrix kernel, whose sums may be cut there anyway. Less where a row
  // takes much: what is kept for the weights should not leave the cache before they are updated.
  constexpr int64_t kCached = int64_t{1} << 22;
  const auto rows = static_cast<uint64_t>(kCached / std::max<int64_t>(batch_floats_, 1));
  const auto most = static_cast<uint64_t>(kKc);
  return std::max(static_cast<int64_t>(std::bit_floor(std::clamp<uint64_t>(rows, 1, most))),
                  CachedRows());
}

int64_t Program::PackedFloats(const PackRequest& r) const {
  const auto k = static_cast<size_t>(r.k), n = static_cast<size_t>(r.n);
  if (r.plain) return r.k * r.n;
  return static_cast<int64_t>(
      r.gates > 0 ? kernels_.recurrent.packed_size(static_cast<size_t>(r.gates), n, k)
                  : kernels_.gemm.packed_size(k, n));
}

// By strips of columns, so that the matrix is never there twice. A panel of columns is k floats a
// column, one after the other.
void Program::PackConstant(const PackTask& t, float* packed) const {
  const PackRequest& r = graph_.ops[t.op]->packs[t.pack];
  const int64_t columns = t.end - t.begin;
  float* to = packed + pack_offset_[t.op][t.pack];
  if (r.plain) {
    for (int64_t row = 0; row < r.k; ++row) {
      r.constant->Fill(row, row + 1, t.begin, t.end, to + row * r.n + t.begin);
    }
    return;
  }
  std::vector<float> strip(static_cast<size_t>(r.k * columns));
  const bool by_rows = r.trans == Trans::kYes;
  if (by_rows) {
    r.constant->Fill(t.begin, t.end, 0, r.k, strip.data());
  } else {
    r.constant->Fill(0, r.k, t.begin, t.end, strip.data());
  }
  kernels_.gemm.pack(r.trans, strip.data(), static_cast<size_t>(by_rows ? r.k : columns),
                     static_cast<size_t>(r.k), static_cast<size_t>(columns), 0,
                     static_cast<size_t>(columns), to + t.begin * r.k);
}

void Program::PackConstants(float* packed) const {
  for (const PackTask& t : constant_packs_) PackConstant(t, packed);
}

void Program::Pack(int64_t task, const float* parameters, float* packed) const {
  const PackTask& t = pack_tasks_[static_cast<size_t>(task)];
  const PackRequest& r = graph_.ops[t.op]->packs[t.pack];
  const auto k = static_cast<size_t>(r.k), n = static_cast<size_t>(r.n);
  const auto begin = static_cast<size_t>(t.begin), end = static_cast<size_t>(t.end);
  const float* from = parameters + graph_.tensor(r.tensor).offset + r.offset;
  float* to = packed + pack_offset_[t.op][t.pack];
  if (r.gates > 0) {
    kernels_.recurrent.pack(from, static_cast<size_t>(r.gates), n, k, begin, end, to);
  } else {
    kernels_.gemm.pack(r.trans, from, static_cast<size_t>(r.ld), k, n, begin, end, to);
  }
}

void Program::Forward(OpContext& c) const {
  for (size_t i : live_) {
    ThrowIfStopped();
    c.packs = pack_offset_[i].data();
    graph_.ops[i]->Forward(c);
  }
}

void Program::Backward(OpContext& c) const {
  for (size_t i = live_.size(); i-- > 0;) {
    const Op& op = *graph_.ops[live_[i]];
    if (!RunsBackward(op)) continue;
    ThrowIfStopped();
    c.packs = pack_offset_[live_[i]].data();
    c.accumulate = accumulate_[live_[i]].data();
    op.Backward(c);
  }
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
    }
    return nullptr;
  };
  for (size_t t = 0; t < graph_.tensors.size(); ++t) {
    const int64_t size = graph_.tensors[t].size;
    data[t] = address(data_[t], size, const_cast<float*>(m.parameters));
    grad[t] = address(grad_[t], size, m.gradients);
  }
}

}  // namespace nf
