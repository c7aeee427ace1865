// Batch norm in double, its statistics, and that shards do not change it.
#include "ops/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/linear.h"
#include "testing/graph_run.h"
#include "testing/op_case.h"

namespace nf {
namespace {

constexpr double kEpsilon = 0.01;

// By channel of x [rows, n].
struct Moments {
  Doubles mean, variance;  // biased

  Moments(const Doubles& x, size_t n) : mean(n, 0.0), variance(n, 0.0) {
    const double share = static_cast<double>(n) / static_cast<double>(x.size());
    for (size_t i = 0; i < x.size(); ++i) mean[i % n] += share * x[i];
    for (size_t i = 0; i < x.size(); ++i)
      variance[i % n] += share * (x[i] - mean[i % n]) * (x[i] - mean[i % n]);
  }
};

Doubles Normalised(Doubles x, const Doubles& mean, const Doubles& variance, const Doubles& gamma,
                   const Doubles& beta) {
  const size_t n = gamma.size();
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t j = i % n;
    x[i] = (x[i] - mean[j]) / std::sqrt(variance[j] + kEpsilon) * gamma[j] + beta[j];
  }
  return x;
}

Tensor Record(Recorder& g, Tensor x, Weight gamma, Weight beta) {
  const int64_t n = g.dims(x).back();
  const State mean = g.State("mean", {n}, 0.0);
  return BatchNorm(g, x, gamma, beta, mean, g.State("variance", {n}, 1.0), 0.1, kEpsilon);
}

}  // namespace

std::vector<GraphCase> CaseBatchNorm() {
  std::vector<GraphCase> cases;
  for (const auto& [time, n] : {std::pair<int64_t, int64_t>{1, 2}, {1, 37}, {6, 5}, {3, 40}}) {
    GraphCase c;
    c.label = Label("time, channels", time, n);
    c.record = [time = time, n = n](Leaves& l) {
      return Record(l.recorder(), l.Gradient("x", {time, n}), l.Weight("gamma", {n}),
                    l.Weight("beta", {n}));
    };
    c.of_batch = [n = n](const std::vector<Values>& rows) {
      Doubles x;
      for (const Values& row : rows) x.insert(x.end(), row.at("x").begin(), row.at("x").end());
      const Moments m(x, static_cast<size_t>(n));
      return Normalised(x, m.mean, m.variance, rows[0].at("gamma"), rows[0].at("beta"));
    };
    cases.push_back(c);
  }
  return cases;
}

namespace {

constexpr int64_t kRows = 53, kTime = 3, kChannels = 5, kSize = kTime * kChannels;

// Two of them, the second behind a layer, with statistics of its own.
std::unique_ptr<Graph> TwoNorms() {
  Recorder g;
  const auto norm = [&](Tensor x, const std::string& name) {
    return BatchNorm(g, x, g.Parameter(name + ".weight", {kChannels}, 0.5, 1.0),
                     g.Parameter(name + ".bias", {kChannels}, 0.5),
                     g.State(name + ".mean", {kChannels}, 0.0),
                     g.State(name + ".var", {kChannels}, 1.0), 0.1, kEpsilon);
  };
  const Tensor x = norm(g.Input(Input::kInsampleY, {kTime, kChannels}), "a");
  const Weight w = g.Parameter("w", {kChannels, kChannels}, 1.0);
  return g.Finish(norm(Linear(g, x, w, {}, Activation::kTanh), "b"));
}

GraphBatch Batch() {
  GraphBatch batch;
  batch.rows = kRows;
  batch.inputs[0] = UniformFloats(kRows * kSize, 1);
  for (float& x : batch.inputs[0]) x += 3.0f;
  batch.grad_output = UniformFloats(kRows * kSize, 2);
  return batch;
}

TEST(BatchNorm, ShardsDoNotChangeABit) {
  const auto graph = TwoNorms();
  const std::vector<float> slab = graph->InitialParameters(1);
  const GraphBatch batch = Batch();
  for (const KernelTable* table : AllKernels()) {
    const Program program(*graph, *table, Mode::kTrain);
    const GraphResult got = RunGraph(program, batch, slab, 8);
    for (int64_t shard_rows : {16, 40, 64}) {
      const GraphResult other = RunGraph(program, batch, slab, shard_rows);
      EXPECT_EQ(other.output, got.output);
      for (TensorId id : graph->parameters) {
        const TensorInfo& p = graph->tensor(id);
        for (auto i = static_cast<size_t>(p.offset); i < static_cast<size_t>(p.offset + p.size);
             ++i)
          ASSERT_EQ(other.gradients[i], got.gradients[i]) << p.name;
      }
    }
  }
}

// Fresh statistics, 0 and 1, and others.
TEST(BatchNorm, InferenceNormalisesByItsStates) {
  Recorder g;
  const Weight gamma = g.Parameter("gamma", {kChannels}, 1.0);
  const Weight beta = g.Parameter("beta", {kChannels}, 1.0);
  const auto graph =
      g.Finish(Record(g, g.Input(Input::kInsampleY, {kTime, kChannels}), gamma, beta));
  std::vector<float> slab = graph->InitialParameters(3);
  const auto values = [&](TensorId id) {
    const auto at = slab.begin() + graph->tensor(id).offset;
    return Doubles(at, at + kChannels);
  };
  const TensorId mean = graph->stored[2], variance = graph->stored[3];
  EXPECT_EQ(values(mean), Doubles(kChannels, 0.0));
  EXPECT_EQ(values(variance), Doubles(kChannels, 1.0));
  EXPECT_GE(graph->tensor(mean).offset, graph->trained_size);
  for (int64_t j = 0; j < kChannels; ++j) {
    slab[static_cast<size_t>(graph->tensor(mean).offset + j)] = 3.0f + static_cast<float>(j);
    slab[static_cast<size_t>(graph->tensor(variance).offset + j)] = 0.5f * static_cast<float>(j);
  }
  const GraphBatch batch = Batch();
  const Doubles y = Normalised({batch.inputs[0].begin(), batch.inputs[0].end()}, values(mean),
                               values(variance), values(gamma.id), values(beta.id));
  for (const KernelTable* table : AllKernels()) {
    const Program program(*graph, *table, Mode::kInfer);
    for (int64_t shard_rows : {3, 64}) {
      const std::vector<float> got = RunGraph(program, batch, slab, shard_rows).output;
      ASSERT_EQ(got.size(), y.size());
      for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(got[i], y[i], 1e-4);
    }
  }
}

}  // namespace
}  // namespace nf
