// One driver for every op of ops.inc: values and gradients against the op in double, at every
// kernel table, alone and where its inputs are used again.
#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "ops/concat.h"
#include "testing/graph_run.h"
#include "testing/op_case.h"

namespace nf {
namespace {

constexpr int64_t kRows = Leaves::kRows;
constexpr double kForwardTolerance = 1e-5, kGradientTolerance = 1e-4;

struct Named {
  const char* name;
  std::vector<GraphCase> (*cases)();
};
const Named kOps[] = {
#define NF_OP(name) {#name, Case##name},
#include "ops/ops.inc"
#undef NF_OP
};

// Around the op: `copies` of it side by side, on the same inputs and weights, and behind them, on
// request, the inputs themselves. So the op writes the first contribution to its inputs' gradient
// or adds to it.
struct Surroundings {
  const char* label;
  int copies;
  bool leaves;
};
const Surroundings kSurroundings[] = {
    {"alone", 1, false}, {"twice", 2, false}, {"twice, inputs used elsewhere", 2, true}};

std::unique_ptr<Graph> Record(const GraphCase& test, const Surroundings& around, Leaves& leaves) {
  Recorder& g = leaves.recorder();
  std::vector<Tensor> parts;
  for (int i = 0; i < around.copies; ++i) parts.push_back(g.Flatten(test.record(leaves)));
  if (around.leaves) {
    for (const auto& [name, tensor] : leaves.leaves()) parts.push_back(g.Flatten(tensor));
  }
  return g.Finish(Concat(g, parts, Axis(0)));
}

GraphBatch MakeBatch(const Graph& graph) {
  GraphBatch batch;
  batch.rows = kRows;
  batch.inputs[0].assign(kRows * kRows, 0.0f);
  for (size_t r = 0; r < kRows; ++r) batch.inputs[0][r * kRows + r] = 1.0f;
  const TensorId mask = graph.inputs[1];
  if (mask != kNoTensor) batch.inputs[1] = UniformFloats(kRows * graph.tensor(mask).size, 3);
  for (size_t i = 0; i < batch.inputs[1].size(); i += 3) batch.inputs[1][i] = 0.0f;
  batch.grad_output = UniformFloats(kRows * graph.tensor(graph.output).size, 2);
  return batch;
}

// The case in double at a slab of parameters.
class Reference {
 public:
  Reference(const GraphCase& test, const Surroundings& around, const Leaves& leaves,
            const Graph& graph, const GraphBatch& batch)
      : test_(test), around_(around), leaves_(leaves), graph_(graph), batch_(batch) {}

  std::vector<double> Output(const std::vector<double>& slab) const {
    std::vector<double> output;
    std::vector<Values> rows;
    for (int64_t r = 0; r < kRows; ++r) rows.push_back(Row(slab, r));
    const std::vector<double> all = test_.of_batch ? test_.of_batch(rows) : std::vector<double>();
    const auto width = static_cast<int64_t>(all.size()) / kRows;
    for (int64_t r = 0; r < kRows; ++r) {
      const Values& values = rows[static_cast<size_t>(r)];
      const std::vector<double> y =
          test_.of_batch ? Doubles(all.begin() + r * width, all.begin() + (r + 1) * width)
                         : test_.reference(values);
      for (int i = 0; i < around_.copies; ++i) output.insert(output.end(), y.begin(), y.end());
      if (!around_.leaves) continue;
      for (const auto& [name, tensor] : leaves_.leaves()) {
        output.insert(output.end(), values.at(name).begin(), values.at(name).end());
      }
    }
    return output;
  }

  // Of the linear functional that the batch's grad_output is.
  std::vector<double> Gradients(std::vector<double> slab) const {
    constexpr double kStep = 1e-5;
    std::vector<double> gradients(slab.size(), 0.0);
    for (TensorId id : graph_.parameters) {
      const TensorInfo& p = graph_.tensor(id);
      for (auto i = static_cast<size_t>(p.offset); i < static_cast<size_t>(p.offset + p.size);
           ++i) {
        const double at = slab[i];
        slab[i] = at + kStep;
        const double above = Functional(slab);
        slab[i] = at - kStep;
        gradients[i] = (above - Functional(slab)) / (2 * kStep);
        slab[i] = at;
      }
    }
    return gradients;
  }

 private:
  Values Row(const std::vector<double>& slab, int64_t row) const {
    Values values;
    for (TensorId id : graph_.parameters) {
      const TensorInfo& p = graph_.tensor(id);
      const auto begin = slab.begin() + p.offset;
      std::vector<double>& to = values[p.name];
      if (leaves_.IsWeight(p.name)) {
        to.assign(begin, begin + p.size);
      } else {  // a leaf [size, kRows]: its column
        for (int64_t i = row; i < p.size; i += kRows) to.push_back(begin[i]);
      }
    }
    const std::vector<float>& mask = batch_.inputs[1];
    const auto width = static_cast<int64_t>(mask.size()) / kRows;
    values["mask"].assign(mask.begin() + row * width, mask.begin() + (row + 1) * width);
    return values;
  }

  double Functional(const std::vector<double>& slab) const {
    const std::vector<double> output = Output(slab);
    double sum = 0;
    for (size_t i = 0; i < output.size(); ++i) sum += output[i] * batch_.grad_output[i];
    return sum;
  }

  const GraphCase& test_;
  const Surroundings& around_;
  const Leaves& leaves_;
  const Graph& graph_;
  const GraphBatch& batch_;
};

void ExpectClose(std::span<const double> expected, std::span<const float> got, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(expected.size(), got.size()) << what;
  double scale = 1e-3;
  for (double e : expected) scale = std::max(scale, std::abs(e));
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(got[i], expected[i], tolerance * scale) << what << " [" << i << "]";
  }
}

void ExpectGradients(const Graph& graph, const std::vector<double>& expected,
                     const std::vector<float>& got) {
  for (TensorId id : graph.parameters) {
    const TensorInfo& p = graph.tensor(id);
    const auto begin = static_cast<size_t>(p.offset), size = static_cast<size_t>(p.size);
    ExpectClose(std::span(expected).subspan(begin, size), std::span(got).subspan(begin, size),
                kGradientTolerance, "gradient of " + p.name);
  }
}

// Gradients leave the slab's padding alone, which is NaN here.
void ExpectSameGradients(const Graph& graph, const GraphResult& a, const GraphResult& b) {
  for (TensorId id : graph.parameters) {
    const TensorInfo& p = graph.tensor(id);
    for (auto i = static_cast<size_t>(p.offset); i < static_cast<size_t>(p.offset + p.size); ++i) {
      ASSERT_EQ(a.gradients[i], b.gradients[i]) << p.name;
    }
  }
}

// Row r of the batch becomes row (r + 1) % kRows.
std::vector<float> Rotated(const std::vector<float>& rows) {
  std::vector<float> result = rows;
  std::rotate(result.begin(), result.end() - static_cast<int64_t>(rows.size()) / kRows,
              result.end());
  return result;
}

void ExpectRowsStandAlone(const Program& train, const GraphBatch& batch,
                          const std::vector<float>& slab, const GraphResult& whole) {
  for (int64_t shard_rows : {int64_t{1}, kRows, kRows + 3}) {
    const GraphResult other = RunGraph(train, batch, slab, shard_rows);
    EXPECT_EQ(other.output, whole.output) << "shards of " << shard_rows;
    ExpectSameGradients(train.graph(), other, whole);
  }
  GraphBatch moved = batch;
  for (auto& input : moved.inputs) input = Rotated(input);
  EXPECT_EQ(RunGraph(train, moved, slab, 2).output, Rotated(whole.output)) << "rows moved";
}

void Check(const Named& op, const GraphCase& test, const Surroundings& around) {
  Recorder g;
  Leaves leaves(g);
  const auto graph = Record(test, around, leaves);
  ASSERT_EQ(std::count_if(graph->ops.begin(), graph->ops.end(),
                          [&](const auto& o) { return std::string(o->name) == op.name; }) >=
                around.copies,
            true)
      << "the case does not record the op";
  const GraphBatch batch = MakeBatch(*graph);
  const std::vector<float> slab = graph->InitialParameters(5);
  const Reference reference(test, around, leaves, *graph, batch);
  const std::vector<double> point(slab.begin(), slab.end());
  const std::vector<double> output = reference.Output(point);
  const std::vector<double> gradients = reference.Gradients(point);
  for (const KernelTable* table : AllKernels()) {
    SCOPED_TRACE(table->target);
    const Program train(*graph, *table, Mode::kTrain), infer(*graph, *table, Mode::kInfer);
    const GraphResult got = RunGraph(train, batch, slab, 2);
    ExpectClose(output, got.output, kForwardTolerance, "output");
    ExpectGradients(*graph, gradients, got.gradients);
    // Rows that are coupled do not stand alone: batch_norm_test.cc has what holds for them.
    if (test.of_batch) continue;
    EXPECT_EQ(RunGraph(infer, batch, slab, 2).output, got.output) << "inference";
    ExpectRowsStandAlone(train, batch, slab, got);
  }
}

class EveryOp : public ::testing::TestWithParam<Named> {};

TEST_P(EveryOp, ValuesAndGradients) {
  const std::vector<GraphCase> cases = GetParam().cases();
  ASSERT_FALSE(cases.empty());
  for (const GraphCase& test : cases) {
    for (const Surroundings& around : kSurroundings) {
      SCOPED_TRACE(test.label + ", " + around.label);
      Check(GetParam(), test, around);
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryOp, ::testing::ValuesIn(kOps),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace nf
