// A model's forward pass, for prediction and validation: a plan that threads share, and memory that
// each thread has for itself.
#ifndef NF_ENGINE_FORWARD_H_
#define NF_ENGINE_FORWARD_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/neural_model.h"
#include "engine/window_inputs.h"
#include "graph/program.h"
#include "memory/pool.h"

namespace nf {

// The program and its packed weights. Immutable once packed.
class ForwardPlan {
 public:
  // The graph must outlive the plan.
  ForwardPlan(const Graph& graph, const KernelTable& kernels, Pool& pool);
  // Packs a parameter slab, which must stay alive while the plan is run.
  void Pack(const float* parameters);

  const Program& program() const { return program_; }
  const std::byte* packed() const { return packed_.As<std::byte>(); }
  const float* parameters() const { return parameters_; }

 private:
  const Program program_;
  Buffer packed_;
  const float* parameters_ = nullptr;
};

// What a model's forecast runs: one program, or where it feeds back one for the first step and one
// for each further step.
struct ForecastPlan {
  ForecastPlan(const NeuralModel& model, const KernelTable& kernels, Pool& pool);
  explicit ForecastPlan(const Graph& graph, const KernelTable& kernels, Pool& pool)
      : first(graph, kernels, pool) {}
  void Pack(const float* parameters);
  const Program& program() const { return first.program(); }

  ForwardPlan first;
  std::optional<ForwardPlan> next;
};

// For up to `rows` rows at a time.
class ForwardMemory {
 public:
  ForwardMemory(const Program& program, Pool& pool, int64_t rows);

  int64_t rows() const { return rows_; }
  // Where the rows' inputs go.
  const InputPointers& inputs() const { return inputs_; }
  float* input(Input kind) const { return inputs_[kind]; }
  // Runs the first `count` rows; the result, [count, ...] of the graph's output, stays valid until
  // the next call or until inputs are written: they may share its memory.
  const float* Run(const ForwardPlan& plan, int64_t count);

 private:
  const int64_t rows_;
  Buffer arena_;
  InputPointers inputs_{};
  float* scratch_ = nullptr;
  std::vector<float*> data_, grad_;
};

}  // namespace nf

#endif  // NF_ENGINE_FORWARD_H_
