// A constant that is too large to be packed gives what it would give packed.
#include <gtest/gtest.h>

#include <cmath>

#include "graph/recorder.h"
#include "ops/concat.h"
#include "ops/const_linear.h"
#include "ops/linear.h"
#include "testing/graph_run.h"

namespace nf {
namespace {

constexpr int64_t kSide = 2100;  // squared: more than a program packs

// Columns [first, last) of a matrix of sines.
ConstMatrix Columns(int64_t first, int64_t last) {
  return {kSide, last - first, [first](int64_t row, int64_t begin, int64_t end, float* out) {
            for (int64_t c = first + begin; c < first + end; ++c) {
              *out++ = static_cast<float>(std::sin(static_cast<double>(row * 3 + c * 7)));
            }
          }};
}

// W x, times the matrix in so many parts.
std::unique_ptr<Graph> Product(int64_t parts) {
  Recorder g;
  const Weight weight = g.Parameter("w", {kSide, 3}, 1.0);
  const Tensor x = Linear(g, g.Input(Input::kInsampleY, {3}), weight, {}, Activation::kNone);
  std::vector<Tensor> products;
  for (int64_t i = 0; i < parts; ++i) {
    const int64_t begin = i * kSide / parts, end = (i + 1) * kSide / parts;
    products.push_back(ConstLinear(g, x, Columns(begin, end)));
  }
  return g.Finish(Concat(g, products, Axis(0)));
}

TEST(LargeConstant, IsMultipliedByTilesToTheSameBits) {
  const auto whole = Product(1), halves = Product(2);
  GraphBatch batch;
  batch.rows = 9;
  batch.inputs[0] = UniformFloats(batch.rows * 3, 1);
  batch.grad_output = UniformFloats(batch.rows * kSide, 2);
  const std::vector<float> slab = whole->InitialParameters(1);
  const Program large(*whole, BestKernels(), Mode::kTrain);
  const Program packed(*halves, BestKernels(), Mode::kTrain);
  EXPECT_LT(large.packed_bytes(), kSide * kSide);
  EXPECT_GT(packed.packed_bytes() / 4, 2 * kSide * kSide);
  const GraphResult a = RunGraph(large, batch, slab, 4), b = RunGraph(packed, batch, slab, 9);
  EXPECT_EQ(a.output, b.output);
  for (size_t i = 0; i < static_cast<size_t>(kSide * 3); ++i) {
    // Sums of 2100 products: of one run, and of two.
    ASSERT_NEAR(a.gradients[i], b.gradients[i], 2e-3) << i;
  }
}

}  // namespace
}  // namespace nf
