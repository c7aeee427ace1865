// Attention in double, and the shapes at which it is checked; what dropout does inside of it.
#include "kernels/ref/attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/attention.h"
#include "ops/elementwise.h"
#include "ops/layer_norm.h"
#include "ops/linear.h"
#include "ops/slice.h"
#include "testing/graph_run.h"
#include "testing/op_case.h"

namespace nf {
namespace {

struct AttentionCase {
  const char* label;
  int64_t queries, keys, width;  // of a head
  AttentionOptions options;
  bool masked = false;
  bool self = false;    // q, k and v are one tensor
  int64_t v_width = 0;  // 0: as wide

  int64_t VWidth() const { return v_width > 0 ? v_width : width; }
  int64_t VChannels() const { return VWidth() * (options.shared_values ? 1 : options.heads); }
};

const AttentionCase kAttention[] = {
    {"one of everything", 1, 1, 1, {}},
    {"one key", 2, 1, 2, {.heads = 2}},
    {"one query", 1, 5, 4, {}},
    {"square", 6, 6, 4, {}},
    {"heads", 5, 7, 3, {.heads = 3}},
    {"causal", 6, 6, 2, {.heads = 2, .causal = true}},
    {"causal, more keys", 3, 7, 2, {.causal = true}},
    {"causal, more queries: some see nothing", 7, 3, 2, {.causal = true}},
    {"padding", 5, 9, 3, {.heads = 2}, true},
    {"padding that may hide all", 1, 1, 2, {}, true},
    {"causal and padding", 6, 6, 3, {.causal = true}, true},
    {"scale", 4, 4, 3, {.scale = 0.7}},
    {"dropout at inference", 4, 5, 3, {.dropout = 0.5}},
    {"shared values", 4, 6, 3, {.heads = 3, .shared_values = true}},
    {"shared values, one head", 3, 3, 2, {.causal = true, .shared_values = true}},
    {"shared wide values", 3, 4, 2, {.heads = 2, .shared_values = true}, false, false, 5},
    {"one tensor", 5, 5, 2, {.heads = 2}, false, true},
    {"one tensor, causal", 5, 5, 3, {.causal = true}, true, true},
    {"narrow values", 4, 5, 6, {.heads = 2, .scale = 0.4}, false, false, 3},
    {"wide values, causal", 5, 5, 1, {.heads = 2, .causal = true}, true, false, 5},
};

// q [Lq, C], k [Lk, C] and v [Lk, V] in double, head by head.
Doubles AttentionReference(const AttentionCase& test, const Values& v) {
  const int64_t channels = test.width * test.options.heads;
  const auto heads = static_cast<size_t>(test.options.heads);
  AttentionArgs args;
  args.queries = static_cast<size_t>(test.queries);
  args.keys = static_cast<size_t>(test.keys);
  args.q_stride = args.k_stride = static_cast<size_t>(channels);
  args.v_stride = static_cast<size_t>(test.VChannels());
  args.width = static_cast<size_t>(test.width);
  args.v_width = static_cast<size_t>(test.VWidth());
  args.out_stride = heads * args.v_width;
  args.causal = test.options.causal;
  args.scale =
      static_cast<float>(test.options.scale > 0 ? test.options.scale : 1 / std::sqrt(test.width));
  const bool self = test.self;
  Doubles out(args.queries * args.out_stride), statistics(args.queries), scores(args.keys);
  for (size_t head = 0; head < heads; ++head) {
    const size_t at = head * args.width, out_at = head * args.v_width;
    const size_t v_at = test.options.shared_values ? 0 : out_at;
    const ref::Attention<double> t = {args,
                                      v.at(self ? "k" : "q").data() + at,
                                      v.at("k").data() + at,
                                      v.at(self ? "k" : "v").data() + v_at,
                                      test.masked ? v.at("mask").data() : nullptr,
                                      out.data() + out_at,
                                      statistics.data()};
    ref::AttentionForward(t, 0, args.queries, scores.data());
  }
  return out;
}

// q, k and v side by side in "qkv" [L, 2 * C + V].
Values Split(const AttentionCase& test, const Values& v) {
  const auto channels = static_cast<size_t>(test.width * test.options.heads);
  Values parts = v;
  const Doubles& qkv = v.at("qkv");
  const auto values = static_cast<size_t>(test.VChannels());
  for (size_t from = 0; from < qkv.size();) {
    for (const auto& [name, count] : {std::pair("q", channels), {"k", channels}, {"v", values}}) {
      for (size_t c = 0; c < count; ++c) parts[name].push_back(qkv[from++]);
    }
  }
  return parts;
}

GraphCase SideBySide(const AttentionCase& test) {
  GraphCase c;
  c.label = std::string(test.label) + ", side by side";
  c.record = [=](Leaves& l) {
    const int64_t channels = test.width * test.options.heads;
    const Tensor mask = test.masked ? l.Mask(test.keys) : Tensor{};
    const Tensor qkv = l.Gradient("qkv", {test.keys, 2 * channels + test.VChannels()});
    return Attention(l.recorder(), {qkv, 0, channels}, {qkv, channels, channels},
                     {qkv, 2 * channels, test.VChannels()}, test.options, mask);
  };
  c.reference = [=](const Values& v) { return AttentionReference(test, Split(test, v)); };
  return c;
}

}  // namespace

std::vector<GraphCase> CaseAttention() {
  std::vector<GraphCase> cases;
  for (const AttentionCase& test : kAttention) {
    GraphCase c;
    c.label = test.label;
    c.record = [=](Leaves& l) {
      const int64_t channels = test.width * test.options.heads;
      const Tensor k = l.Gradient("k", {test.keys, channels});
      const Tensor q = test.self ? k : l.Gradient("q", {test.queries, channels});
      const Tensor v = test.self ? k : l.Gradient("v", {test.keys, test.VChannels()});
      const Tensor mask = test.masked ? l.Mask(test.keys) : Tensor{};
      return Attention(l.recorder(), q, k, v, test.options, mask);
    };
    c.reference = [=](const Values& v) { return AttentionReference(test, v); };
    cases.push_back(c);
  }
  cases.push_back(SideBySide({"heads", 5, 5, 3, {.heads = 2}}));
  cases.push_back(
      SideBySide({"shared values", 5, 5, 2, {.heads = 3, .causal = true, .shared_values = true}}));
  cases.push_back(SideBySide({"causal and padding", 4, 4, 3, {.causal = true}, true}));
  return cases;
}

namespace {

constexpr int64_t kRows = 12, kTime = 20;
constexpr double kP = 0.3;

// Attention over v = w, [kTime, kTime], where all scores are equal. With w the identity the output
// is the dropped probabilities.
class AttentionDropout : public ::testing::Test {
 protected:
  AttentionDropout() {
    Recorder g;
    const Tensor one = g.Input(Input::kInsampleY, {1});
    const Tensor flat =
        Linear(g, one, g.Parameter("w", {kTime * kTime, 1}, 1.0), {}, Activation::kNone);
    const Tensor v = g.Reshape(flat, {kTime, kTime});
    const Tensor zero = g.Input(Input::kHistoric, {kTime, kTime});
    graph_ = g.Finish(Attention(g, zero, zero, v, {.dropout = kP}));
    batch_.rows = kRows;
    batch_.inputs[0].assign(kRows, 1.0f);
    batch_.inputs[Input::kHistoric].assign(kRows * kTime * kTime, 0.0f);
    batch_.grad_output.assign(kRows * kTime * kTime, 1.0f);
    batch_.training = true;
    slab_.assign(static_cast<size_t>(graph_->slab_size), 0.0f);
    for (int64_t i = 0; i < kTime; ++i) slab_[static_cast<size_t>(i * kTime + i)] = 1.0f;
  }

  GraphResult Run(const KernelTable& table, int64_t shard_rows) const {
    return RunGraph(Program(*graph_, table, Mode::kTrain), batch_, slab_, shard_rows);
  }

  std::unique_ptr<Graph> graph_;
  GraphBatch batch_;
  std::vector<float> slab_;
};

TEST_F(AttentionDropout, DropsWithProbabilityPAndScalesTheRest) {
  const GraphResult got = Run(BestKernels(), 8);
  int64_t dropped = 0;
  for (float y : got.output) {
    if (y == 0) {
      ++dropped;
    } else {
      ASSERT_NEAR(y, 1.0 / ((1.0 - kP) * kTime), 1e-7);
    }
  }
  const double n = static_cast<double>(got.output.size());
  EXPECT_NEAR(static_cast<double>(dropped) / n, kP, 5 * std::sqrt(kP * (1 - kP) / n));
}

TEST_F(AttentionDropout, BackwardUsesTheSameDraws) {
  const GraphResult got = Run(BestKernels(), 8);
  // dy = 1: the gradient of w[j][c] is the sum over rows and queries of the dropped probability of
  // key j, for every c.
  for (size_t j = 0; j < kTime; ++j) {
    double sum = 0;
    for (size_t q = 0; q < kRows * kTime; ++q) sum += got.output[q * kTime + j];
    for (size_t c = 0; c < kTime; ++c) {
      EXPECT_NEAR(got.gradients[j * kTime + c], sum, 1e-5 * sum) << j << " " << c;
    }
  }
}

TEST_F(AttentionDropout, SameDrawsInAnyShardsAndAtEveryTable) {
  const GraphResult expected = Run(ScalarKernels(), 8);
  for (const KernelTable* table : AllKernels()) {
    for (int64_t shard_rows : {1, 7, 64}) {
      const GraphResult got = Run(*table, shard_rows);
      for (size_t i = 0; i < expected.output.size(); ++i) {
        ASSERT_NEAR(got.output[i], expected.output[i], 1e-7) << table->target;
      }
    }
  }
}

TEST_F(AttentionDropout, OtherDrawsInEveryRowAndStepAndNoneAtInference) {
  const std::vector<float> first = Run(BestKernels(), 8).output;
  EXPECT_FALSE(
      std::equal(first.begin(), first.begin() + kTime * kTime, first.begin() + kTime * kTime));
  batch_.step = 1;
  EXPECT_NE(Run(BestKernels(), 8).output, first);
  batch_.training = false;
  for (float y : Run(BestKernels(), 8).output) ASSERT_NEAR(y, 1.0 / kTime, 1e-7);
}

}  // namespace
}  // namespace nf
