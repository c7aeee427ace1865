// Each op alone, forward and backward (its weights' gradient too), in the largest of the cases that
// test it: nanoseconds of a row, of a batch of 1024 in shards of 64, one thread; least of the
// rounds. The cases are small, so that a figure is to be set beside that of another build.
//   ops [--json] [--rounds N] [--only TEXT]   TEXT in an op's name: all of its cases
#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kernel_table.h"
#include "report.h"
#include "testing/graph_run.h"
#include "testing/op_case.h"

namespace nf {
namespace {

constexpr int64_t kBatch = 1024, kShard = 64;

struct Spent {
  double forward = 0, backward = 0;
};

// An op in its place that adds up the time of its calls.
class TimedOp final : public Op {
 public:
  TimedOp(std::unique_ptr<Op> op, Spent& spent)
      : Op(op->name, op->inputs, op->output), op_(std::move(op)), spent_(spent) {
    packs = op_->packs;
    saved = op_->saved;
    gradients = op_->gradients;
    batch_data = op_->batch_data;
    batch_grad = op_->batch_grad;
    least_rows = op_->least_rows;
    coupled_sums = op_->coupled_sums;
    shared = op_->shared;
  }

  void Forward(const OpContext& c) const override {
    const double start = Seconds();
    op_->Forward(c);
    spent_.forward += Seconds() - start;
  }
  void Backward(const OpContext& c) const override {
    const double start = Seconds();
    op_->Backward(c);
    spent_.backward += Seconds() - start;
  }
  void WeightGrad(const OpContext& c, size_t which, int64_t begin, int64_t end, float alpha,
                  bool first, float* scratch) const override {
    const double start = Seconds();
    op_->WeightGrad(c, which, begin, end, alpha, first, scratch);
    spent_.backward += Seconds() - start;
  }
  void PartialSums(const OpContext& c, Direction direction, int64_t begin, int64_t end,
                   double* sums) const override {
    const double start = Seconds();
    op_->PartialSums(c, direction, begin, end, sums);
    In(direction) += Seconds() - start;
  }
  void Join(const OpContext& c, Direction direction, int64_t rows,
            const double* sums) const override {
    const double start = Seconds();
    op_->Join(c, direction, rows, sums);
    In(direction) += Seconds() - start;
  }
  bool BackwardReadsOutput() const override { return op_->BackwardReadsOutput(); }
  bool BackwardReadsInput(int i) const override { return op_->BackwardReadsInput(i); }
  int64_t WeightGradScratch(const KernelTable& kernels, size_t which, int64_t rows,
                            int64_t out_rows) const override {
    return op_->WeightGradScratch(kernels, which, rows, out_rows);
  }
  int64_t ScratchFloats(const KernelTable& kernels) const override {
    return op_->ScratchFloats(kernels);
  }

 private:
  double& In(Direction direction) const {
    return direction == Direction::kForward ? spent_.forward : spent_.backward;
  }

  const std::unique_ptr<Op> op_;
  Spent& spent_;
};

// A case recorded once, the last op of the name it is of in a TimedOp: those before it make inputs.
class TimedCase {
 public:
  TimedCase(const GraphCase& test, const std::string& op) {
    Recorder g;
    Leaves leaves(g);
    graph_ = g.Finish(test.record(leaves));
    for (size_t i = graph_->ops.size(); i-- > 0;) {
      if (op != graph_->ops[i]->name) continue;
      graph_->ops[i] = std::make_unique<TimedOp>(std::move(graph_->ops[i]), spent_);
      break;
    }
    batch_.rows = kBatch;
    batch_.training = true;
    for (size_t i = 0; i < batch_.inputs.size(); ++i) {
      const TensorId id = graph_->inputs[i];
      if (id != kNoTensor) batch_.inputs[i] = UniformFloats(kBatch * graph_->tensor(id).size, 3);
    }
    batch_.grad_output = UniformFloats(kBatch * graph_->tensor(graph_->output).size, 2);
  }

  int64_t values() const { return graph_->tensor(graph_->output).size; }

  // Seconds of a row: the least of the rounds, since whatever else runs can only add to them.
  Spent Measure(int rounds) {
    const Program program(*graph_, BestKernels(), Mode::kTrain);
    const std::vector<float> parameters = graph_->InitialParameters(5);
    RunGraph(program, batch_, parameters, kShard);
    constexpr double kMost = std::numeric_limits<double>::max();
    Spent least = {kMost, kMost};
    for (int round = 0; round < rounds; ++round) {
      spent_ = {};
      RunGraph(program, batch_, parameters, kShard);
      least.forward = std::min(least.forward, spent_.forward / kBatch);
      least.backward = std::min(least.backward, spent_.backward / kBatch);
    }
    return least;
  }

 private:
  Spent spent_;
  std::unique_ptr<Graph> graph_;
  GraphBatch batch_;
};

void Print(const std::string& name, double seconds, bool json) {
  const Row row{"ops", name, 1, seconds * 1e9, "ns/row", ""};
  if (json) {
    PrintJson(row);
  } else {
    std::printf("%-72s %10.1f ns/row\n", name.c_str(), row.value);
  }
}

void Report(const std::string& op, const GraphCase& test, const BenchOptions& options) {
  const Spent spent = TimedCase(test, op).Measure(options.rounds);
  const std::string name = op + ", " + test.label;
  Print(name + ", forward", spent.forward, options.json);
  Print(name + ", backward", spent.backward, options.json);
}

void ReportOp(const std::string& op, const std::vector<GraphCase>& cases,
              const BenchOptions& options) {
  if (op.find(options.only) == std::string::npos) return;
  const auto values = [&](const GraphCase& test) { return TimedCase(test, op).values(); };
  const auto largest = std::ranges::max_element(cases, {}, values);
  for (const GraphCase& test : cases) {
    if (!options.only.empty() || &test == &*largest) Report(op, test, options);
  }
}

int Main(int argc, char** argv) {
  const BenchOptions options = ParseOptions("ops", 31, argc, argv);
#define NF_OP(name) ReportOp(#name, Case##name(), options);
#include "ops/ops.inc"
#undef NF_OP
  return 0;
}

}  // namespace
}  // namespace nf

int main(int argc, char** argv) { return nf::Main(argc, argv); }
