// A model recorded once: tensors, ops in order, parameters laid out in one slab, with states
// behind.
//
// The leading dimension of every input and activation is rows (windows), the rest of a shape is
// static.
#ifndef NF_GRAPH_GRAPH_H_
#define NF_GRAPH_GRAPH_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graph/op.h"

namespace nf {

// What a batch offers to a model, each [rows, ...] as in data/windows.h.
enum class Input : uint8_t {
  kInsampleY,     // [L]
  kInsampleMask,  // [L]
  kHistoric,      // [L, X]
  kFuture,        // [L + h, F]
  kStatic,        // [S]
  // In training alone, for the loss (heads/): N series of a row.
  kTarget,  // [h, N]
  kWeight,  // [h, N]: 1 where observed, times the horizon's weight
  kLoc,     // [N]: how y was scaled
  kScale,   // [N]
  kLevel,   // [h, N]: the quantile that each value of an implicit quantile loss is trained at
  kState,   // what a model that feeds back carries from one step to the next, side by side
};
constexpr int kNumInputs = 11;

// One for each of them.
template <class T>
struct ByInput : std::array<T, kNumInputs> {
  using std::array<T, kNumInputs>::operator[];
  T& operator[](Input kind) { return (*this)[static_cast<size_t>(kind)]; }
  const T& operator[](Input kind) const { return (*this)[static_cast<size_t>(kind)]; }
};

// kShared: there once for all rows of a training batch (Op::shared).
enum class TensorKind : uint8_t { kInput, kParameter, kState, kActivation, kShared };

// Handles, cheap to copy, valid for the recorder that made them; empty ones name nothing. An input
// or activation and a weight are different types, because they live in different memory: a tensor
// has values for each row, a weight has them once, and its gradient comes from all rows in a phase
// of its own. Broadcast (ops/broadcast.h) is the one way from a weight to a tensor.
struct Tensor {
  TensorId id = kNoTensor;    // whose memory
  TensorId view = kNoTensor;  // whose dims: not its own after Reshape

  bool empty() const { return id == kNoTensor; }
};

struct Weight {
  TensorId id = kNoTensor;

  bool empty() const { return id == kNoTensor; }
};

// What a model keeps with its weights and does not train, such as running statistics: training
// updates it once a batch, or never (fixed positions), inference reads it.
struct State {
  TensorId id = kNoTensor;
};

struct TensorInfo {
  TensorKind kind = TensorKind::kActivation;
  std::vector<int64_t> dims = {};  // per row; the whole shape of what is there once
  int64_t size = 0;                // product of dims
  bool needs_grad = false;
  // Parameters and states: torch's state_dict key of the reference model; floats into the slab
  // (64-byte aligned).
  std::string name = {};
  int64_t offset = 0;
  // Fresh ones are uniform in centre +- bound; a parameter with a deviation is normal about 0.
  double init_bound = 0, init_centre = 0, init_deviation = 0;
};

class Graph {
 public:
  std::vector<TensorInfo> tensors;
  std::vector<std::unique_ptr<Op>> ops;
  std::vector<TensorId> parameters;  // in order of creation
  std::vector<TensorId> stored;      // and with the states: what the slab and files hold
  ByInput<TensorId> inputs;
  TensorId output = kNoTensor;
  TensorId loss = kNoTensor;   // what training goes back from; where there is none, from the output
  int64_t slab_size = 0;       // floats of the slab, padding included
  int64_t trained_size = 0;    // of its parameters, which stand first
  int64_t num_parameters = 0;  // without padding

  Graph() { inputs.fill(kNoTensor); }

  const TensorInfo& tensor(TensorId id) const { return tensors[static_cast<size_t>(id)]; }
  // A fresh parameter slab, from the seed alone (torch's Linear default: U(+-1/sqrt(fan_in))).
  std::vector<float> InitialParameters(uint64_t seed) const;
};

}  // namespace nf

#endif  // NF_GRAPH_GRAPH_H_
