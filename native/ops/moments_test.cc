// Moments in double, and of values far from 0.
#include "ops/moments.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/elementwise.h"
#include "testing/graph_run.h"
#include "testing/op_case.h"

namespace nf {
namespace {

constexpr double kEpsilon = 0.01;

Doubles Reference(const Doubles& x, size_t n, Centre centre) {
  const size_t time = x.size() / n;
  Doubles y(2 * n, 0.0);
  for (size_t j = 0; j < n; ++j) {
    double mean = 0, squares = 0;
    for (size_t t = 0; t < time; ++t) mean += x[t * n + j] / static_cast<double>(time);
    for (size_t t = 0; t < time; ++t) squares += std::pow(x[t * n + j] - mean, 2);
    y[j] = centre == Centre::kMean ? mean : x[(time - 1) * n + j];
    y[n + j] = std::sqrt(squares / static_cast<double>(time) + kEpsilon);
  }
  return y;
}

}  // namespace

std::vector<GraphCase> CaseMoments() {
  std::vector<GraphCase> cases;
  for (const auto& [time, n] : {std::pair<int64_t, int64_t>{1, 1}, {37, 1}, {6, 3}, {5, 40}}) {
    for (Centre centre : {Centre::kMean, Centre::kLast}) {
      GraphCase c;
      c.label = Label(centre == Centre::kMean ? "mean" : "last", time, n);
      c.record = [=, time = time, n = n](Leaves& l) {
        return Moments(l.recorder(), l.Gradient("x", {time, n}), centre, kEpsilon);
      };
      c.reference = [=, n = n](const Values& v) {
        return Reference(v.at("x"), static_cast<size_t>(n), centre);
      };
      cases.push_back(c);
    }
  }
  return cases;
}

namespace {

// A price of a million that moves by cents has a variance; one that stands still has none.
TEST(Moments, FarFromZero) {
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {4});
  const auto graph = g.Finish(Moments(g, x, Centre::kMean, 1e-12));
  GraphBatch batch;
  batch.rows = 2;
  batch.inputs[0] = {1e6f, 1e6f + 0.125f, 1e6f, 1e6f + 0.125f, 1e6f, 1e6f, 1e6f, 1e6f};
  batch.grad_output.assign(4, 0.0f);
  for (const KernelTable* table : AllKernels()) {
    const GraphResult got = RunGraph(Program(*graph, *table, Mode::kInfer), batch, {}, 2);
    EXPECT_FLOAT_EQ(got.output[1], 0.0625f);
    EXPECT_FLOAT_EQ(got.output[2], 1e6f);
    EXPECT_FLOAT_EQ(got.output[3], 1e-6f);
  }
}

}  // namespace
}  // namespace nf
