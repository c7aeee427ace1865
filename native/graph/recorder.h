// Records a graph. What an op is it does not know: each is a free function in ops/ that makes its
// output here and records itself, so this class does not grow with them.
#ifndef NF_GRAPH_RECORDER_H_
#define NF_GRAPH_RECORDER_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace nf {

class Recorder {
 public:
  Recorder() : graph_(std::make_unique<Graph>()) {}

  // The input tensor of a kind, made on first use. dims per row.
  Tensor Input(nf::Input kind, std::vector<int64_t> dims);
  // A parameter of torch shape `dims`; fresh values are uniform in centre +- bound. A name used
  // before gives the same parameter again: shared weights.
  Weight Parameter(std::string name, std::vector<int64_t> dims, double bound, double centre = 0);
  // The same with fresh values of a normal distribution about 0.
  Weight NormalParameter(std::string name, std::vector<int64_t> dims, double deviation);
  // A state of torch shape `dims`, the same again for a name used before; fresh values are uniform
  // in value +- bound.
  nf::State State(std::string name, std::vector<int64_t> dims, double value, double bound = 0);
  // Called with each new parameter and state before anything is made for it; may throw.
  void OnParameter(std::function<void(const std::string&, const std::vector<int64_t>&)> call) {
    on_parameter_ = std::move(call);
  }
  // x seen with other dims of the same size: the same memory, so it costs nothing.
  Tensor Reshape(Tensor x, std::vector<int64_t> dims);
  // All dims of x as one, the same memory too. Unlike Reshape it uses up no id: dropout draws by
  // them, so that what is flattened before one would otherwise train to other bits than it did.
  Tensor Flatten(Tensor x);

  // Per row for a tensor, the whole shape of a weight or state.
  const std::vector<int64_t>& dims(Tensor x) const { return Info(x.view).dims; }
  const std::vector<int64_t>& dims(Weight w) const { return Info(w.id).dims; }
  const std::vector<int64_t>& dims(nf::State s) const { return Info(s.id).dims; }
  int64_t size(nf::State s) const { return Info(s.id).size; }
  int64_t size(Tensor x) const { return Info(x.view).size; }
  int64_t size(Weight w) const { return Info(w.id).size; }
  bool needs_grad(Tensor x) const { return Info(x.id).needs_grad; }

  // For ops. The output of an op, with a gradient if its inputs or weights have one.
  Tensor Activation(std::vector<int64_t> dims, bool needs_grad);
  // What an op keeps of a row besides its output.
  TensorId Kept(std::vector<int64_t> dims) { return Activation(std::move(dims), false).id; }
  // What an op that couples rows keeps once for all of them.
  TensorId Shared(std::vector<int64_t> dims);
  // Returns `output`, the op's.
  Tensor Record(std::unique_ptr<Op> op, Tensor output);

  // Ends the recording; of a model, `output` is [horizon, Q]. Training ends in `loss`.
  std::unique_ptr<Graph> Finish(Tensor output, Tensor loss = {});

 private:
  const TensorInfo& Info(TensorId id) const;
  Tensor Add(TensorInfo info, std::vector<int64_t> dims);
  // Of the slab, by name: whether it is a new one.
  std::pair<TensorId, bool> Store(TensorKind kind, std::string name, std::vector<int64_t> dims);
  void PlaceInSlab(TensorId id);

  std::unique_ptr<Graph> graph_;
  std::deque<TensorInfo> flat_;  // of Flatten: a view below kNoTensor counts them
  std::unordered_map<std::string, TensorId> stored_;  // by name
  std::function<void(const std::string&, const std::vector<int64_t>&)> on_parameter_;
};

}  // namespace nf

#endif  // NF_GRAPH_RECORDER_H_
