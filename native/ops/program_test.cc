// The memory plan, on random graphs: against a brute-force reading of who needs what when, and
// against an executor that shares no memory at all.
#include "graph/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "graph/recorder.h"
#include "kernels/sum_blocks.h"
#include "ops/affine.h"
#include "ops/broadcast.h"
#include "ops/concat.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"
#include "ops/last.h"
#include "ops/linear.h"
#include "ops/moving_average.h"
#include "ops/pool.h"
#include "ops/reverse.h"
#include "ops/slice.h"
#include "ops/sub_mul.h"
#include "testing/graph_run.h"
#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// A graph of about twenty ops that are drawn at random, some of them dead.
std::unique_ptr<Graph> RandomGraph(uint32_t seed) {
  std::mt19937 random(seed);
  auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  Recorder g;
  const Tensor mask = g.Input(Input::kInsampleMask, {8});
  std::vector<Tensor> all = {g.Input(Input::kInsampleY, {8})};
  auto any = [&] { return all[below(all.size())]; };
  auto same_size = [&](Tensor x) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Tensor y = any();
      if (g.size(y) == g.size(x)) return y;
    }
    return x;
  };
  auto linear = [&](Tensor x) {
    const int64_t out = below(3) == 0 ? 8 : static_cast<int64_t>(1 + below(20));
    // Few names: weights of the same shape are now and then shared.
    const std::string name =
        std::to_string(g.size(x)) + "to" + std::to_string(out) + "." + std::to_string(below(2));
    const Weight w = g.Parameter(name + ".w", {out, g.size(x)}, 0.3);
    const bool has_bias = (g.size(x) + out) % 2 == 0;
    const Weight bias = has_bias ? g.Parameter(name + ".b", {out}, 0.3) : Weight{};
    return Linear(g, x, w, bias, below(2) ? Activation::kTanh : Activation::kNone);
  };
  for (int i = 0; i < 20; ++i) {
    const Tensor x = any();
    const auto n = static_cast<size_t>(g.size(x));
    switch (below(15)) {
      case 0:
        all.push_back(Add(g, x, same_size(x)));
        break;
      case 1:
        all.push_back(Sub(g, x, same_size(x)));
        break;
      case 2:
        if (n == 8) all.push_back(SubMul(g, x, same_size(x), mask));
        break;
      case 3:
        if (n < 60) all.push_back(Concat(g, {x, any(), x}, Axis(0)));
        break;
      case 4:
        all.push_back(Slice(g, x, Axis(0), static_cast<int64_t>(n / 3), static_cast<int64_t>(n)));
        break;
      case 5:
        all.push_back(Reverse(g, x, Axis(0)));
        break;
      case 6:
        all.push_back(RepeatLast(g, x, Axis(0), 8));
        break;
      case 7:
        all.push_back(SubLast(g, x, Axis(0)));
        break;
      case 8:
        all.push_back(MaxPool(g, x, 2));
        break;
      case 9:
        all.push_back(MovingAverage(g, x, 3));
        break;
      case 10:
        all.push_back(Dropout(g, x, 0.2));
        break;
      case 11:
        all.push_back((n % 2 ? AffineInverse : Affine)(g, x, g.Parameter("w", {1}, 0.1, 1.0),
                                                       g.Parameter("b", {1}, 0.1)));
        break;
      default:
        all.push_back(linear(x));
    }
  }
  const Tensor last = linear(Concat(g, {any(), any(), linear(any())}, Axis(0)));
  return g.Finish(below(2) ? Reverse(g, last, Axis(0)) : last);
}

GraphBatch RandomBatch(const Graph& graph, int64_t rows) {
  GraphBatch batch;
  batch.rows = rows;
  batch.inputs[0] = UniformFloats(rows * 8, 11);
  batch.inputs[1] = UniformFloats(rows * 8, 12);
  batch.grad_output = UniformFloats(rows * graph.tensor(graph.output).size, 13);
  batch.training = true;
  return batch;
}

std::vector<const Op*> LiveOps(const Graph& graph) {
  std::set<TensorId> wanted = {graph.output};
  std::vector<const Op*> live;
  for (size_t i = graph.ops.size(); i-- > 0;) {
    const Op& op = *graph.ops[i];
    if (!wanted.contains(op.output)) continue;
    wanted.insert(op.inputs.begin(), op.inputs.end());
    live.insert(live.begin(), &op);
  }
  return live;
}

// All rows at once, each tensor and gradient in memory of its own: gradients begin as 0 and every
// op adds to them.
class PlainRun {
 public:
  PlainRun(const Graph& graph, const GraphBatch& batch, std::vector<float> parameters)
      : graph_(graph), batch_(batch), slab_(std::move(parameters)) {
    for (const TensorInfo& t : graph.tensors) {
      values_.emplace_back(static_cast<size_t>(t.size * batch.rows), 0.0f);
      grads_.emplace_back(static_cast<size_t>(t.size * batch.rows), 0.0f);
    }
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      data_.push_back(values_[t].data());
      grad_.push_back(graph.tensors[t].needs_grad ? grads_[t].data() : nullptr);
    }
    for (TensorId id : graph.parameters) data_[id] = slab_.data() + graph.tensor(id).offset;
    for (size_t i = 0; i < 2; ++i) {
      if (graph.inputs[i] == kNoTensor) continue;
      values_[graph.inputs[i]] = batch.inputs[i];
      data_[graph.inputs[i]] = values_[graph.inputs[i]].data();
    }
  }

  void Run() {
    OpContext c;
    const std::vector<uint8_t> add(64, 1);
    c.kernels = &BestKernels();
    c.rows = batch_.rows;
    c.training = batch_.training;
    c.seed = 7;
    c.step = batch_.step;
    c.data = data_.data();
    c.grad = grad_.data();
    c.accumulate = add.data();
    for (const auto& op : graph_.ops) WithPacks(*op, c, [&] { op->Forward(c); });
    output_ = values_[graph_.output];
    grads_[graph_.output] = batch_.grad_output;
    grad_[graph_.output] = grads_[graph_.output].data();
    std::vector<const Op*> live = LiveOps(graph_);
    for (auto op = live.rbegin(); op != live.rend(); ++op) {
      if (!graph_.tensor((*op)->output).needs_grad) continue;
      WithPacks(**op, c, [&] { (*op)->Backward(c); });
    }
    PoisonedFloats scratch(1 << 20);
    for (const Op* op : live) {
      for (size_t which = 0; which < op->gradients.size(); ++which) {
        const int64_t end = graph_.tensor(op->gradients[which].weight).dims[0];
        op->WeightGrad(c, which, 0, end, 1.0f, false, scratch.data());
      }
    }
  }

  const std::vector<float>& output() const { return output_; }
  const std::vector<float>& gradient(TensorId id) const { return grads_[id]; }

 private:
  template <class Fn>
  void WithPacks(const Op& op, OpContext& c, const Fn& fn) {
    std::vector<int64_t> offsets;
    int64_t total = 0;
    for (const PackRequest& r : op.packs) {
      offsets.push_back(total);
      total += RoundUp(r.size(*c.kernels).bytes, 64);
    }
    PoisonedFloats floats(total / 4);
    auto* packed = reinterpret_cast<std::byte*>(floats.data());
    for (size_t p = 0; p < op.packs.size(); ++p) {
      const PackRequest& r = op.packs[p];
      const float* from = r.weight == kNoTensor ? nullptr : data_[r.weight];
      r.pack(*c.kernels, from, 0, r.columns, packed + offsets[p]);
    }
    c.packed = packed;
    c.packs = offsets.data();
    fn();
  }

  const Graph& graph_;
  const GraphBatch& batch_;
  std::vector<float> slab_, output_;
  std::vector<std::vector<float>> values_, grads_;
  std::vector<float*> data_, grad_;
};

class RandomGraphs : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RandomGraphs, SharingMemoryChangesNothing) {
  const auto graph = RandomGraph(GetParam());
  const GraphBatch batch = RandomBatch(*graph, 13);
  const std::vector<float> slab = graph->InitialParameters(1);
  PlainRun plain(*graph, batch, slab);
  plain.Run();
  const Program program(*graph, BestKernels(), Mode::kTrain);
  for (int64_t shard_rows : {1, 5, 13}) {
    const GraphResult got = RunGraph(program, batch, slab, shard_rows);
    EXPECT_EQ(got.output, plain.output());
    std::set<TensorId> used;
    for (const Op* op : LiveOps(*graph)) used.insert(op->inputs.begin(), op->inputs.end());
    for (TensorId id : graph->parameters) {
      if (!used.contains(id)) continue;  // of a dead op: untouched
      const TensorInfo& p = graph->tensor(id);
      for (int64_t i = 0; i < p.size; ++i) {
        ASSERT_EQ(got.gradients[static_cast<size_t>(p.offset + i)],
                  plain.gradient(id)[static_cast<size_t>(i)])
            << p.name;
      }
    }
  }
}

// First write to last read, in a run of all ops forward, the loss, and all ops backward.
struct Life {
  int64_t first = -1, last = -1;
  void Touch(int64_t time) {
    if (first < 0) first = time;
    last = time;
  }
};

struct Lives {
  std::map<TensorId, Life> data, grad;
};

Lives Simulate(const Graph& graph, Mode mode) {
  const std::vector<const Op*> live = LiveOps(graph);
  Lives lives;
  int64_t time = 0;
  for (const Op* op : live) {
    for (TensorId in : op->inputs) {
      if (graph.tensor(in).kind == TensorKind::kInput) lives.data[in].Touch(0);
    }
  }
  for (const Op* op : live) {
    for (TensorId in : op->inputs) lives.data[in].Touch(time);
    lives.data[op->output].Touch(time++);
  }
  lives.data[graph.output].Touch(time);  // the loss, or the caller
  if (mode == Mode::kInfer) return lives;
  lives.grad[graph.output].Touch(time++);
  for (auto op = live.rbegin(); op != live.rend(); ++op, ++time) {
    if (!graph.tensor((*op)->output).needs_grad) continue;
    lives.grad[(*op)->output].Touch(time);
    if ((*op)->BackwardReadsOutput()) lives.data[(*op)->output].Touch(time);
    for (size_t i = 0; i < (*op)->inputs.size(); ++i) {
      const TensorId in = (*op)->inputs[i];
      if ((*op)->BackwardReadsInput(static_cast<int>(i))) lives.data[in].Touch(time);
      if (graph.tensor(in).needs_grad) lives.grad[in].Touch(time);
    }
  }
  // The weight phase comes after everything else.
  for (const Op* op : live) {
    for (TensorId t : op->batch_data) lives.data[t].Touch(time);
    for (TensorId t : op->batch_grad) lives.grad[t].Touch(time);
  }
  return lives;
}

TEST_P(RandomGraphs, NoTwoLiveTensorsOverlap) {
  const auto graph = RandomGraph(GetParam());
  for (Mode mode : {Mode::kTrain, Mode::kInfer}) {
    const Program program(*graph, BestKernels(), mode);
    const Lives lives = Simulate(*graph, mode);
    PoisonedFloats arena(program.arena_floats(3));
    PoisonedFloats batch(3 * program.batch_floats_per_row());
    std::vector<float*> data(graph->tensors.size()), grad(graph->tensors.size());
    program.Bind({arena.data(), 3, batch.data(), 3, nullptr, nullptr}, 0, data.data(), grad.data());
    struct Placed {
      Life life;
      const float *begin, *end;
    };
    std::vector<Placed> placed;
    auto place = [&](const std::map<TensorId, Life>& of, const std::vector<float*>& at) {
      for (const auto& [id, life] : of) {
        const TensorInfo& t = graph->tensor(id);
        if (t.kind == TensorKind::kParameter) continue;
        ASSERT_NE(at[id], nullptr);
        placed.push_back({life, at[id], at[id] + 3 * t.size});
      }
    };
    place(lives.data, data);
    place(lives.grad, grad);
    for (size_t i = 0; i < placed.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const Placed &a = placed[i], &b = placed[j];
        if (a.life.last < b.life.first || b.life.last < a.life.first) continue;
        ASSERT_TRUE(a.end <= b.begin || b.end <= a.begin) << i << " and " << j;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Program, RandomGraphs, ::testing::Range(0u, 60u));

// x + x + ... through `length` ops of `size` columns.
std::unique_ptr<Graph> Chain(int length, int64_t size) {
  Recorder g;
  const Tensor in = g.Input(Input::kInsampleY, {size});
  Tensor x = Linear(g, in, g.Parameter("w", {size, size}, 1.0), {}, Activation::kNone);
  for (int i = 0; i < length; ++i) x = Add(g, x, x);
  return g.Finish(x);
}

TEST(Program, AChainTakesTheMemoryOfTwoTensors) {
  const auto graph = Chain(50, 32);
  const Program infer(*graph, BestKernels(), Mode::kInfer);
  EXPECT_LE(infer.arena_floats(1), 2 * 32);
  EXPECT_EQ(infer.batch_floats_per_row(), 0);
  // Gradients come after the last value is dead, and need no more. What the weight phase reads is
  // the input and the gradient of the linear layer.
  const Program train(*graph, BestKernels(), Mode::kTrain);
  EXPECT_LE(train.arena_floats(1), 2 * 32);
  EXPECT_EQ(train.batch_floats_per_row(), 2 * 32);
}

struct Cost {
  int64_t floats, tasks, flops;
  GraphResult result;
};

Cost RunWithOrWithoutDeadOps(bool dead) {
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {16});
  const Tensor y = Linear(g, x, g.Parameter("w", {16, 16}, 1.0), {}, Activation::kTanh);
  if (dead) {
    const Tensor unused = g.Input(Input::kHistoric, {400});
    Linear(g, unused, g.Parameter("dead", {30, 400}, 1.0), {}, Activation::kNone);
    Add(g, y, Reverse(g, y, Axis(0)));
  }
  const auto graph = g.Finish(Sub(g, y, Reverse(g, y, Axis(0))));
  const Program program(*graph, BestKernels(), Mode::kTrain);
  GraphBatch batch;
  batch.rows = 4;
  batch.inputs[0] = UniformFloats(4 * 16, 1);
  batch.grad_output = UniformFloats(4 * 16, 2);
  Cost cost = {program.arena_floats(1) + program.batch_floats_per_row(),
               program.num_pack_tasks() + program.num_weight_tasks(), program.Flops(),
               RunGraph(program, batch, graph->InitialParameters(1), 4)};
  cost.result.gradients.resize(16 * 16);  // of "w"
  return cost;
}

TEST(Program, DeadOpsCostNothing) {
  const Cost with = RunWithOrWithoutDeadOps(true), without = RunWithOrWithoutDeadOps(false);
  EXPECT_EQ(with.floats, without.floats);
  EXPECT_EQ(with.tasks, without.tasks);
  EXPECT_EQ(with.flops, without.flops);
  EXPECT_EQ(with.flops, 2 * 2 * 16 * 16);  // forward and weights: the input wants no gradient
  EXPECT_EQ(with.result.output, without.result.output);
  EXPECT_EQ(with.result.gradients, without.result.gradients);
}

// The gradient of a bias goes along with that of its weight.
TEST(Program, WhatGoesAlongWithAWeightIsUsedWhereverTheWeightIs) {
  const auto plan = [](bool second_has_bias, const char* second_weight) {
    Recorder g;
    const Tensor x = g.Input(Input::kInsampleY, {4});
    const Weight bias = g.Parameter("b", {4}, 1.0);
    const Tensor y = Linear(g, x, g.Parameter("w", {4, 4}, 1.0), bias, Activation::kNone);
    const Weight w = g.Parameter(second_weight, {4, 4}, 1.0);
    const auto graph =
        g.Finish(Linear(g, y, w, second_has_bias ? bias : Weight{}, Activation::kNone));
    Program(*graph, BestKernels(), Mode::kInfer);
    Program(*graph, BestKernels(), Mode::kTrain);
  };
  EXPECT_NO_THROW(plan(true, "w"));
  EXPECT_NO_THROW(plan(false, "other"));
  EXPECT_THROW(plan(false, "w"), Error);
  EXPECT_THROW(plan(true, "other"), Error);
}

// A linear layer over `time` steps of 64 channels.
std::unique_ptr<Graph> LongRows(int64_t time) {
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {time, 64});
  return g.Finish(Linear(g, x, g.Parameter("w", {64, 64}, 1.0), {}, Activation::kTanh));
}

TEST(Program, ShardsOfSmallRowsAreWholeTilesAndShrinkWithLowMemory) {
  const auto graph = LongRows(1);
  const Program program(*graph, BestKernels(), Mode::kTrain);
  EXPECT_EQ(program.CachedRows(), 64);
  EXPECT_EQ(program.BlockRows(), SumBlockRows());
  for (int64_t rows = 1; rows <= 4096; ++rows) {
    for (bool low_memory : {false, true}) {
      const int64_t shard = program.ShardRows(rows, low_memory);
      ASSERT_EQ(shard % 8, 0);
      ASSERT_GE(shard, 8);
      ASSERT_LE(shard, low_memory ? 16 : 64);
    }
  }
}

TEST(Program, ShardsOfLargeRowsStayInTheCache) {
  for (int64_t time : {300, 1000, 5000}) {
    const auto graph = LongRows(time);
    const Program program(*graph, BestKernels(), Mode::kInfer);
    const int64_t shard = program.ShardRows(4096, false);
    EXPECT_TRUE(shard == 1 || program.arena_floats(shard) <= int64_t{3} << 17) << time;
    EXPECT_EQ(shard & (shard - 1), 0) << "a power of two";
    EXPECT_GE(program.BlockRows(), shard);
  }
}

TEST(Graph, FreshParametersComeFromTheSeedAlone) {
  const auto graph = RandomGraph(1);
  EXPECT_EQ(graph->InitialParameters(1), graph->InitialParameters(1));
  EXPECT_NE(graph->InitialParameters(1), graph->InitialParameters(2));
  const std::vector<float> slab = graph->InitialParameters(1);
  for (TensorId id : graph->parameters) {
    const TensorInfo& p = graph->tensor(id);
    EXPECT_EQ(p.offset % 16, 0) << p.name;
    for (int64_t i = 0; i < p.size; ++i) {
      EXPECT_LE(std::abs(slab[static_cast<size_t>(p.offset + i)] - p.init_centre), p.init_bound)
          << p.name;
    }
  }
}

TEST(Graph, FreshStatesLieAboutTheirValue) {
  Recorder g;
  const State spread = g.State("spread", {50}, 3.0, 0.5), fixed = g.State("fixed", {50}, 2.0);
  const auto graph = g.Finish(Concat(g, {Broadcast(g, spread), Broadcast(g, fixed)}, Axis(0)));
  const std::vector<float> slab = graph->InitialParameters(1);
  EXPECT_NE(slab, graph->InitialParameters(2));
  const auto range = [&](State state) {
    const auto begin = slab.begin() + graph->tensor(state.id).offset;
    const auto [least, most] = std::minmax_element(begin, begin + 50);
    return std::pair(*least, *most);
  };
  EXPECT_EQ(range(fixed), std::pair(2.0f, 2.0f));
  EXPECT_GE(range(spread).first, 2.5f);
  EXPECT_LT(range(spread).first, 2.75f);
  EXPECT_GT(range(spread).second, 3.25f);
  EXPECT_LE(range(spread).second, 3.5f);
}

}  // namespace
}  // namespace nf
