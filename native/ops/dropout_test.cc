// Dropout in training: what is kept, and that the gradient sees the mask of the forward pass.
#include "ops/dropout.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/recorder.h"
#include "ops/concat.h"
#include "ops/linear.h"
#include "testing/graph_run.h"
#include "testing/op_case.h"

namespace nf {
namespace {

constexpr int64_t kRows = 40, kSize = 50;
constexpr double kP = 0.3;
constexpr float kKept = static_cast<float>(1.0 / (1.0 - kP));

// y = dropout(x + w), all ones before it.
class DropoutTraining : public ::testing::Test {
 protected:
  DropoutTraining() {
    Recorder g;
    const Tensor x = g.Input(Input::kInsampleY, {1});
    const Tensor row = Linear(g, x, g.Parameter("w", {kSize, 1}, 1.0), {}, Activation::kNone);
    graph_ = g.Finish(Dropout(g, row, kP));
    batch_.rows = kRows;
    batch_.inputs[0].assign(kRows, 1.0f);
    batch_.grad_output.assign(kRows * kSize, 1.0f);
    batch_.training = true;
    slab_.assign(static_cast<size_t>(graph_->slab_size), 1.0f);
  }

  GraphResult Run(const KernelTable& table, int64_t shard_rows) const {
    return RunGraph(Program(*graph_, table, Mode::kTrain), batch_, slab_, shard_rows);
  }

  std::unique_ptr<Graph> graph_;
  GraphBatch batch_;
  std::vector<float> slab_;
};

TEST_F(DropoutTraining, DropsWithProbabilityPAndScalesTheRest) {
  const GraphResult got = Run(BestKernels(), 8);
  int64_t dropped = 0;
  for (float y : got.output) {
    if (y == 0) {
      ++dropped;
    } else {
      ASSERT_FLOAT_EQ(y, kKept);
    }
  }
  const double n = static_cast<double>(got.output.size());
  EXPECT_NEAR(static_cast<double>(dropped) / n, kP, 5 * std::sqrt(kP * (1 - kP) / n));
}

TEST_F(DropoutTraining, BackwardUsesTheSameMask) {
  const GraphResult got = Run(BestKernels(), 8);
  // dy = 1, so the gradient of w[i] is the sum over rows of the factor that forward applied to 1.
  for (size_t i = 0; i < kSize; ++i) {
    double sum = 0;
    for (size_t r = 0; r < kRows; ++r) sum += got.output[r * kSize + i];
    EXPECT_NEAR(got.gradients[i], sum, 1e-5 * sum) << i;
  }
}

TEST_F(DropoutTraining, SameDrawsInAnyShardsAndAtEveryTable) {
  const GraphResult expected = Run(ScalarKernels(), 8);
  for (const KernelTable* table : AllKernels()) {
    for (int64_t shard_rows : {1, 7, 64}) {
      EXPECT_EQ(Run(*table, shard_rows).output, expected.output) << table->target;
    }
  }
}

TEST_F(DropoutTraining, OtherDrawsInEveryStepRowAndOp) {
  const std::vector<float> first = Run(BestKernels(), 8).output;
  EXPECT_FALSE(std::equal(first.begin(), first.begin() + kSize, first.begin() + kSize));
  batch_.step = 1;
  EXPECT_NE(Run(BestKernels(), 8).output, first);

  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {kSize});
  const auto two = g.Finish(Concat(g, {Dropout(g, x, kP), Dropout(g, x, kP)}, Axis(0)));
  batch_.inputs[0].assign(kRows * kSize, 1.0f);
  const std::vector<float> both =
      RunGraph(Program(*two, BestKernels(), Mode::kInfer), batch_, {}, 8).output;
  EXPECT_FALSE(std::equal(both.begin(), both.begin() + kSize, both.begin() + kSize));
}

}  // namespace

// At inference, where it is the identity.
std::vector<GraphCase> CaseDropout() {
  return {Unary(
      "inference", {21}, [](Recorder& g, Tensor x) { return Dropout(g, x, 0.4); },
      [](const Doubles& x) { return x; })};
}

}  // namespace nf
