// One step of a recorded model: a forward and a backward kernel call over the rows of a shard, and,
// where it has parameters, a gradient over all rows that is deferred to a phase of its own.
#ifndef NF_GRAPH_OP_H_
#define NF_GRAPH_OP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "kernels/kernel_table.h"

namespace nf {

using TensorId = int32_t;
constexpr TensorId kNoTensor = -1;

// Where the loss of a training batch goes, which the op that ends its graph finds.
struct LossSums {
  // By `rows` rows from the batch's first on, so that their sum has one order: the loss, and what
  // it is divided by where its head asks for that (Head::Benchmark).
  double *sums = nullptr, *benchmarks = nullptr;
  int64_t rows = 1;
  float grad_scale = 1;  // of the gradient: 1 / (sum of weights)
};

// What an op sees of one run. Pointers are indexed by TensorId and point at the first row that the
// run covers; parameters and constants at their start.
struct OpContext {
  const KernelTable* kernels = nullptr;
  int64_t rows = 0;       // rows covered
  int64_t first_row = 0;  // their position in the batch (dropout draws by it)
  bool training = false;
  uint64_t seed = 0;
  int64_t step = 0;
  float* const* data = nullptr;
  float* const* grad = nullptr;       // null entries: no gradient wanted
  float* scratch = nullptr;           // Op::ScratchFloats, 64-byte aligned
  const std::byte* packed = nullptr;  // what ops asked to have packed
  const int64_t* packs = nullptr;     // of the op that runs: where in `packed` each of its packs is
  // By input of the op that runs: its gradient already holds a contribution, so add to it.
  const uint8_t* accumulate = nullptr;
  const LossSums* loss = nullptr;

  // Pack i of the op that runs.
  template <class T = float>
  const T* Pack(size_t i) const {
    return reinterpret_cast<const T*>(packed + packs[i]);
  }
};

// What an op wants made of a weight or a constant before it runs, such as panels for the matrix
// kernel. A program knows where it comes from and how many bytes it takes; its form is the op's.
struct PackRequest {
  TensorId weight = kNoTensor;  // packed anew for each step; kNoTensor: a constant, packed once
  bool backward = false;        // needed in training only
  int64_t columns = 0;          // parts that are packed each by itself
  // Requests with the same key ask for the same bytes, which are packed once.
  std::array<int64_t, 8> key{};
  struct Size {
    int64_t bytes;
    int64_t step;  // columns are cut into tasks at multiples of it
  };
  std::function<Size(const KernelTable&)> size;
  // Columns [begin, end) of the weight's values (null for a constant) to their place in `to`, where
  // column 0 begins.
  std::function<void(const KernelTable&, const float* weight, int64_t begin, int64_t end,
                     std::byte* to)>
      pack;
};

// A weight whose gradient is Op::WeightGrad's, and others, such as a bias, whose gradients it
// writes in passing: `along`. All ops that use the one must then use the others too.
struct WeightGradient {
  TensorId weight;
  std::vector<TensorId> along = {};
};

enum class Direction : uint8_t { kForward, kBackward };

class Op {
 public:
  Op(const char* name, std::vector<TensorId> inputs, TensorId output)
      : name(name), inputs(std::move(inputs)), output(output) {}
  virtual ~Op() = default;

  virtual void Forward(const OpContext& c) const = 0;
  // Reads grad[output] (and may overwrite it), writes or adds to grad of each input that wants one.
  // A write covers the whole gradient.
  virtual void Backward(const OpContext& c) const = 0;
  // What Backward reads besides grad[output].
  virtual bool BackwardReadsOutput() const { return false; }
  virtual bool BackwardReadsInput(int) const { return false; }

  // gradients[which] over all rows of the context, for rows [begin, end) of the weight (of
  // dims[0]). `first`: write, else add.
  virtual void WeightGrad(const OpContext&, size_t /*which*/, int64_t /*begin*/, int64_t /*end*/,
                          float /*alpha*/, bool /*first*/, float* /*scratch*/) const {}
  virtual int64_t WeightGradScratch(const KernelTable&, size_t /*which*/, int64_t /*rows*/,
                                    int64_t /*out_rows*/) const {
    return 0;
  }
  // Of an op that couples rows. Its sums, [coupled_sums], over rows [begin, end) of the context:
  // before Forward of its inputs, before Backward of grad[output] and what Backward reads.
  virtual void PartialSums(const OpContext&, Direction, int64_t /*begin*/, int64_t /*end*/,
                           double* /*sums*/) const {}
  // Once a batch of `rows` rows: from the sums over all of them to what is `shared`.
  virtual void Join(const OpContext&, Direction, int64_t /*rows*/, const double* /*sums*/) const {}
  // States from what Join left `shared`, once a batch and after Backward.
  virtual void UpdateStates(const OpContext&) const {}
  // Floats that Forward and Backward find at OpContext::scratch, whatever the rows.
  virtual int64_t ScratchFloats(const KernelTable&) const { return 0; }

  // All of these are filled in by the constructor.
  std::vector<PackRequest> packs;  // packed matrices
  // Tensors besides the output that Forward writes and Backward or WeightGrad reads (and may
  // overwrite). At inference they are no more than scratch.
  std::vector<TensorId> saved;
  // WeightGrad reads, of all rows of the batch, the data of batch_data (inputs, saved) and the
  // gradients of batch_grad (the output's); everything else lives no longer than its shard.
  std::vector<WeightGradient> gradients;
  std::vector<TensorId> batch_data, batch_grad;
  // A shard of fewer rows would waste the op's time.
  int64_t least_rows = 1;
  // Of an op that couples the rows of a training batch: how many sums over all rows it needs before
  // the first row goes on, and again in backward. It ends a segment of the program. 0: every row
  // stands alone.
  int64_t coupled_sums = 0;
  // What is there once for a batch (Recorder::Shared): Join writes it, Forward, Backward and
  // WeightGrad read it. Not there at inference, where no op couples.
  std::vector<TensorId> shared;

  // Useful floating-point operations per row: forward, for the gradient of the input, and for that
  // of the weights.
  int64_t flops_forward = 0, flops_input = 0, flops_weight = 0;

  const char* const name;
  const std::vector<TensorId> inputs;
  const TensorId output;

 protected:
  const float* In(const OpContext& c, size_t i) const { return c.data[inputs[i]]; }
  float* Out(const OpContext& c) const { return c.data[output]; }
  float* GradIn(const OpContext& c, size_t i) const { return c.grad[inputs[i]]; }
  float* GradOut(const OpContext& c) const { return c.grad[output]; }
  // Adds or writes n values of a contribution to the gradient of input i, scaled by alpha.
  void Contribute(const OpContext& c, size_t i, float alpha, const float* from, int64_t n) const;
};

}  // namespace nf

#endif  // NF_GRAPH_OP_H_
