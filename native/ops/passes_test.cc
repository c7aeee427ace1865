// Segments and barriers: an op that couples rows, against double, whatever the shards.
#include <gtest/gtest.h>

#include <cmath>

#include "graph/program.h"
#include "graph/recorder.h"
#include "ops/elementwise.h"
#include "ops/linear.h"
#include "testing/graph_run.h"

namespace nf {
namespace {

// x minus its mean over the rows of the batch.
class CentreOp final : public Op {
 public:
  CentreOp(TensorId x, TensorId out, TensorId means, int64_t size)
      : Op("Centre", {x}, out), size_(size) {
    coupled_sums = size;
    shared = {means};  // of x, then of the gradient
  }

  void PartialSums(const OpContext& c, Direction direction, int64_t begin, int64_t end,
                   double* sums) const override {
    const float* from = direction == Direction::kForward ? In(c, 0) : GradOut(c);
    std::fill_n(sums, size_, 0.0);
    for (int64_t i = begin * size_; i < end * size_; ++i) sums[i % size_] += from[i];
  }
  void Join(const OpContext& c, Direction direction, int64_t rows,
            const double* sums) const override {
    float* means = c.data[shared[0]] + (direction == Direction::kForward ? 0 : size_);
    for (int64_t i = 0; i < size_; ++i)
      means[i] = static_cast<float>(sums[i] / static_cast<double>(rows));
  }

  void Forward(const OpContext& c) const override {
    const float* means = c.data[shared[0]];
    for (int64_t i = 0; i < c.rows * size_; ++i)
      Out(c)[i] = In(c, 0)[i] - (means == nullptr ? 0.0f : means[i % size_]);
  }
  void Backward(const OpContext& c) const override {
    const float* means = c.data[shared[0]] + size_;
    for (int64_t i = 0; i < c.rows * size_; ++i) GradOut(c)[i] -= means[i % size_];
    Contribute(c, 0, 1.0f, GradOut(c), c.rows * size_);
  }

 private:
  const int64_t size_;
};

Tensor Centre(Recorder& g, Tensor x) {
  const int64_t size = g.size(x);
  const Tensor y = g.Activation(g.dims(x), g.needs_grad(x));
  return g.Record(std::make_unique<CentreOp>(x.id, y.id, g.Shared({2 * size}), size), y);
}

constexpr int64_t kRows = 43, kSize = 3;

// centre(t) * centre(centre(x)) + t, t = tanh(W centre(x)): barriers one after the other and side
// by side, one before the first op, tensors and gradients that live over them.
std::unique_ptr<Graph> Recorded() {
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {kSize});
  const Tensor centred = Centre(g, x);
  const Weight w = g.Parameter("w", {kSize, kSize}, 1.0);
  const Tensor t = Linear(g, centred, w, {}, Activation::kTanh);
  return g.Finish(Add(g, Mul(g, Centre(g, t), Centre(g, centred)), t));
}

using Doubles = std::vector<double>;

Doubles Centred(Doubles x) {
  for (size_t i = 0; i < kSize; ++i) {
    double mean = 0;
    for (size_t r = 0; r < kRows; ++r) mean += x[r * kSize + i] / kRows;
    for (size_t r = 0; r < kRows; ++r) x[r * kSize + i] -= mean;
  }
  return x;
}

Doubles Expected(const GraphBatch& batch, const Doubles& w) {
  const Doubles x = Centred({batch.inputs[0].begin(), batch.inputs[0].end()});
  Doubles t(x.size(), 0.0);
  for (size_t i = 0; i < t.size(); ++i) {
    for (size_t j = 0; j < kSize; ++j) t[i] += w[i % kSize * kSize + j] * x[i / kSize * kSize + j];
    t[i] = std::tanh(t[i]);
  }
  Doubles y = Centred(t);
  for (size_t i = 0; i < y.size(); ++i) y[i] = y[i] * x[i] + t[i];
  return y;
}

double Functional(const GraphBatch& batch, const Doubles& w) {
  const Doubles y = Expected(batch, w);
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += y[i] * batch.grad_output[i];
  return sum;
}

TEST(Passes, AnOpThatCouplesRowsSeesThemAllWhateverTheShards) {
  const auto graph = Recorded();
  GraphBatch batch;
  batch.rows = kRows;
  batch.inputs[0] = UniformFloats(kRows * kSize, 1);
  batch.grad_output = UniformFloats(kRows * kSize, 2);
  const std::vector<float> slab = graph->InitialParameters(1);
  Doubles w(slab.begin(), slab.begin() + kSize * kSize);
  for (const KernelTable* table : AllKernels()) {
    const Program program(*graph, *table, Mode::kTrain);
    EXPECT_EQ(program.num_passes(), 7);
    const GraphResult got = RunGraph(program, batch, slab, 8);
    for (int64_t shard_rows : {16, 24, 64}) {
      const GraphResult other = RunGraph(program, batch, slab, shard_rows);
      for (size_t i = 0; i < w.size(); ++i) EXPECT_EQ(other.gradients[i], got.gradients[i]);
      EXPECT_EQ(other.output, got.output);
    }
    const Doubles y = Expected(batch, w);
    ASSERT_EQ(got.output.size(), y.size());
    for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(got.output[i], y[i], 1e-5);
    for (size_t i = 0; i < w.size(); ++i) {
      constexpr double kStep = 1e-5;
      Doubles above = w, below = w;
      above[i] += kStep;
      below[i] -= kStep;
      EXPECT_NEAR(got.gradients[i],
                  (Functional(batch, above) - Functional(batch, below)) / (2 * kStep), 1e-4);
    }
  }
}

TEST(Passes, InferenceAndProgramsWithoutSuchAnOpHaveOne) {
  const auto graph = Recorded();
  const Program infer(*graph, BestKernels(), Mode::kInfer);
  EXPECT_EQ(infer.num_passes(), 1);
  EXPECT_EQ(infer.batch_floats_per_row(), 0);
  EXPECT_EQ(infer.shared_floats(), 0);
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {kSize});
  const auto plain = g.Finish(Linear(g, x, g.Parameter("w", {2, kSize}, 1.0), {},  //
                                     Activation::kNone));
  EXPECT_EQ(Program(*plain, BestKernels(), Mode::kTrain).num_passes(), 1);
}

}  // namespace
}  // namespace nf
