#include "graph/memory_plan.h"

#include <algorithm>

#include "util/integers.h"

namespace nf {
namespace {

using Slot = MemoryPlan::Slot;

struct LiveRange {
  TensorId tensor;
  bool grad;
  int64_t begin, end;  // inclusive
};

// Times: forward of live op i at i, the loss at n, backward of live op i at 2n - i.
class Ranges {
 public:
  Ranges(const Graph& graph, TensorId root, const std::vector<size_t>& live,
         const std::vector<size_t>& segments, Mode mode)
      : graph_(graph),
        segments_(segments),
        n_(static_cast<int64_t>(live.size())),
        train_(mode == Mode::kTrain),
        tensors_(graph.tensors.size()) {
    for (size_t t = 0; t < tensors_.size(); ++t) {
      tensors_[t].data = {static_cast<TensorId>(t), false, 0, 0};
      tensors_[t].grad = {static_cast<TensorId>(t), true, -1, -1};
    }
    for (int64_t i = 0; i < n_; ++i) Add(*graph.ops[live[static_cast<size_t>(i)]], i);
    Of& output = At(root);
    output.data.end = std::max(output.data.end, n_);
    if (train_) output.grad.begin = n_;
  }

  // Places what needs no plan, and returns what shares the arena.
  std::vector<LiveRange> PlaceOthers(MemoryPlan& plan) const {
    std::vector<LiveRange> arena;
    const auto place = [&](Slot& slot, const LiveRange& range, bool in_batch) {
      const TensorInfo& info = graph_.tensor(range.tensor);
      if (info.kind == TensorKind::kParameter || info.kind == TensorKind::kState) {
        slot = {Slot::kParameter, info.offset};
      } else if (info.kind == TensorKind::kShared) {
        if (!train_) return;
        slot = {Slot::kShared, plan.shared_floats};
        plan.shared_floats += RoundUp(info.size, kAlignFloats);
      } else if (in_batch || LivesOn(range)) {
        slot = {Slot::kBatch, plan.batch_floats};
        plan.batch_floats += RoundUp(info.size, kAlignFloats);
      } else {
        slot.place = Slot::kArena;
        arena.push_back(range);
      }
    };
    for (size_t t = 0; t < tensors_.size(); ++t) {
      const Of& of = tensors_[t];
      if (!of.used) continue;
      place(plan.data[t], of.data, of.batch_data);
      if (train_ && graph_.tensors[t].needs_grad) place(plan.grad[t], of.grad, of.batch_grad);
    }
    return arena;
  }

 private:
  struct Of {  // a tensor
    LiveRange data, grad;
    bool batch_data = false, batch_grad = false, used = false;
  };
  // Whether it is needed on the other side of a barrier, of which a segment has one before its
  // first op, forward, and one before that op's backward.
  bool LivesOn(const LiveRange& range) const {
    const bool input = graph_.tensor(range.tensor).kind == TensorKind::kInput && !range.grad;
    const int64_t begin = input ? -1 : range.begin;
    return std::any_of(segments_.begin() + 1, segments_.end(), [&](size_t first) {
      const auto forward = static_cast<int64_t>(first), backward = 2 * n_ - forward;
      return (begin < forward && forward <= range.end) ||
             (begin < backward && backward <= range.end);
    });
  }
  Of& At(TensorId id) { return tensors_[static_cast<size_t>(id)]; }

  void Add(const Op& op, int64_t i) {
    const bool backward = train_ && graph_.tensor(op.output).needs_grad;
    const int64_t back = 2 * n_ - i;
    for (size_t j = 0; j < op.inputs.size(); ++j) {
      Of& in = At(op.inputs[j]);
      in.used = true;
      const bool reads = backward && op.BackwardReadsInput(static_cast<int>(j));
      in.data.end = std::max(in.data.end, reads ? back : i);
      // Consumers run backward in reverse order: the last one contributes first.
      if (backward && graph_.tensor(op.inputs[j]).needs_grad) in.grad.begin = back;
    }
    Of& out = At(op.output);
    out.used = true;
    out.data.begin = i;
    out.data.end = backward && op.BackwardReadsOutput() ? back : i;
    if (backward) out.grad.end = back;
    for (TensorId t : op.saved) {
      Of& saved = At(t);
      saved.used = true;
      saved.data.begin = i;
      saved.data.end = backward ? back : i;
    }
    for (TensorId t : op.shared) At(t).used = true;
    if (!backward) return;
    for (TensorId t : op.batch_data) At(t).batch_data = true;
    for (TensorId t : op.batch_grad) At(t).batch_grad = true;
  }

  const Graph& graph_;
  const std::vector<size_t>& segments_;
  const int64_t n_;
  const bool train_;
  std::vector<Of> tensors_;
};

// Greedy by size: the largest tensors first, each at the lowest offset that is free while it lives.
void PlaceInArena(const Graph& graph, std::vector<LiveRange> ranges, MemoryPlan& plan) {
  auto size = [&](const LiveRange& r) {
    return RoundUp(graph.tensor(r.tensor).size, kAlignFloats);
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
    (r.grad ? plan.grad : plan.data)[static_cast<size_t>(r.tensor)].offset = offset;
    const Placed entry{r, offset, offset + size(r)};
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), entry,
                         [](const Placed& a, const Placed& b) { return a.offset < b.offset; }),
        entry);
    plan.arena_floats = std::max(plan.arena_floats, entry.end);
  }
}

}  // namespace

MemoryPlan PlanMemory(const Graph& graph, TensorId root, const std::vector<size_t>& live,
                      const std::vector<size_t>& segments, Mode mode) {
  MemoryPlan plan;
  plan.data.resize(graph.tensors.size());
  plan.grad.resize(graph.tensors.size());
  const Ranges ranges(graph, root, live, segments, mode);
  PlaceInArena(graph, ranges.PlaceOthers(plan), plan);
  return plan;
}

}  // namespace nf
