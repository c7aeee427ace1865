// Records a graph. Model code and nn/ blocks are written in these calls.
#ifndef NF_GRAPH_BUILDER_H_
#define NF_GRAPH_BUILDER_H_

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace nf {

// A handle: cheap to copy, valid for the builder that made it.
struct Tensor {
  TensorId id = kNoTensor;
};

// A range of the channels of a tensor [time, C]; from the tensor alone: all of them.
struct Channels {
  Channels(Tensor tensor) : x(tensor) {}
  Channels(Tensor tensor, int64_t first, int64_t number) : x(tensor), begin(first), count(number) {}
  Tensor x;
  int64_t begin = 0, count = 0;  // 0: all
};

// Options of Builder::Attention.
struct AttentionOptions {
  int64_t heads = 1;     // divides the channels; a head is a range of channels
  bool causal = false;   // query i sees keys up to i + Lk - Lq: the last one sees all
  double dropout = 0.0;  // of the probabilities, [0, 1)
  double scale = 0.0;    // of q . k; 0: 1 / sqrt(channels of a head)
};

class Builder {
 public:
  Builder() : graph_(std::make_unique<Graph>()) {}

  // The input tensor of a kind, made on first use. dims per row.
  Tensor Input(nf::Input kind, std::vector<int64_t> dims);
  // A parameter of torch shape `dims`; fresh values are uniform in centre +- bound. A name used
  // before gives the same parameter again: shared weights.
  Tensor Parameter(std::string name, std::vector<int64_t> dims, double bound, double centre = 0);
  // Called with each new parameter before anything is made for it; may throw.
  void OnParameter(std::function<void(const std::string&, const std::vector<int64_t>&)> call) {
    on_parameter_ = std::move(call);
  }
  // The same with fresh values of a normal distribution about 0.
  Tensor NormalParameter(std::string name, std::vector<int64_t> dims, double deviation);

  // act(x . W^T + b): x [.., in] -> [.., out]; weight [out, in] (or more dims, all but the first
  // taken as one), bias [out] (or none: an empty handle).
  Tensor Linear(Tensor x, Tensor weight, Tensor bias, Activation act);
  // The same with rows [begin, end) of the weight and the bias: several layers may share them.
  Tensor LinearRows(Tensor x, Tensor weight, Tensor bias, int64_t begin, int64_t end,
                    Activation act);
  // weight . x + bias along time: x [time, channels] -> [steps, channels]; weight [steps, time],
  // bias [steps].
  Tensor TimeLinear(Tensor x, Tensor weight, Tensor bias);
  // x . c: x [.., in] -> [.., c.cols]; or x with all its dims taken as one -> [c.cols]; shaped
  // `dims` when given.
  Tensor ConstLinear(Tensor x, const ConstMatrix& c, std::vector<int64_t> dims = {});
  // x * w + b with w, b [1]; or (x - b) / w.
  Tensor Affine(Tensor x, Tensor w, Tensor b, bool inverse);
  // All dims of each taken as one.
  Tensor Concat(const std::vector<Tensor>& xs);
  // Channels side by side: [time, A], [time, B], ... -> [time, A + B + ...].
  Tensor ConcatLast(const std::vector<Tensor>& xs, int64_t time);
  // Values [begin, end) of x taken as one row; shaped `dims` when given.
  Tensor Slice(Tensor x, int64_t begin, int64_t end, std::vector<int64_t> dims = {});
  // Values from `begin` on, then `zeros` zeros; shaped `dims`.
  Tensor SliceThenZeros(Tensor x, int64_t begin, int64_t zeros, std::vector<int64_t> dims);
  // Times [begin, end) of x [time, channels].
  Tensor SliceTime(Tensor x, int64_t begin, int64_t end);
  // x [time, channels] -> [time, channels * kernel], ready for a Linear with a Conv1d weight [out,
  // channels, kernel]. Causal: zeros before the start, left = (kernel - 1) * dilation of them.
  // Circular: as many values from the other end on both sides.
  Tensor UnfoldCausal(Tensor x, int64_t kernel, int64_t dilation);
  Tensor UnfoldCircular(Tensor x, int64_t kernel);
  Tensor Transpose(Tensor x);                       // [time, channels] -> [channels, time]
  Tensor RepeatRows(Tensor x, int64_t time);        // [channels] -> [time, channels]
  Tensor AddConst(Tensor x, const ConstMatrix& c);  // c as large as x
  Tensor Reverse(Tensor x);
  Tensor RepeatLast(Tensor x, int64_t times);
  Tensor SubLast(Tensor x);
  Tensor Add(Tensor a, Tensor b);
  Tensor Sub(Tensor a, Tensor b);
  Tensor SubMul(Tensor a, Tensor b, Tensor m);
  // Multi-head scaled dot-product attention (Vaswani et al., 2017): q [Lq, C], k and v [Lk, C] ->
  // [Lq, C]. They may be channels of one tensor. mask [Lk]: 0 hides a key. A query that sees no key
  // gives zeros.
  Tensor Attention(Channels q, Channels k, Channels v, const AttentionOptions& options,
                   Tensor mask = {});
  // x [time, C], gamma and beta [C]; over the channels of each time.
  Tensor LayerNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon = 1e-5);
  Tensor Gelu(Tensor x);
  // A recurrent layer in one direction: x [time, in] -> h of every step [time, width]. See
  // RecurrentWeights; h0 [width] and c0 [units] (LSTM) are the state before the sequence, zeros
  // where empty. `cell_out` (LSTM): [time * width + units], the last c behind the states.
  struct RecurrentWeights {
    Tensor w_ih, w_hh;  // [gates * units, in], [gates * units, width]
    Tensor b_ih, b_hh;  // [gates * units], both or none
    Tensor w_hr;        // [width, units]: the LSTM's projection; without it width = units
  };
  struct RecurrentOptions {
    Tensor h0 = {}, c0 = {};
    bool reverse = false;  // from the last step to the first
    bool cell_out = false;
  };
  Tensor Recurrent(Cell cell, Tensor x, const RecurrentWeights& w, const RecurrentOptions& options);
  // x [time, channels] or [time]; stride = kernel, ceil mode.
  Tensor MaxPool(Tensor x, int64_t kernel);
  Tensor AveragePool(Tensor x, int64_t kernel);
  // x [knots, channels] -> [taps.rows, channels]: each row of taps is the first knot that is read
  // and the factors of that one and those behind it.
  Tensor Interpolate(Tensor x, const ConstMatrix& taps);
  // x [time]; odd kernel.
  Tensor MovingAverage(Tensor x, int64_t kernel);
  // p in [0, 1); 0 records nothing.
  Tensor Dropout(Tensor x, double p);

  int64_t size(Tensor x) const { return Info(x).size; }
  const std::vector<int64_t>& dims(Tensor x) const { return Info(x).dims; }

  // Ends the recording: `output` is [horizon, Q]. Parameters get their place in the slab.
  std::unique_ptr<Graph> Finish(Tensor output);

 private:
  const TensorInfo& Info(Tensor x) const;
  bool NeedsGrad(Tensor x) const { return Info(x).needs_grad; }
  // A new activation that depends on `from`.
  Tensor NewActivation(std::vector<int64_t> dims, const std::vector<Tensor>& from);
  // Inputs 1 .. parameters of the op are parameters and every other is an activation or an input of
  // the model; anything else would run on memory that is not there.
  Tensor Record(std::unique_ptr<Op> op, size_t parameters = 0);
  Tensor RecordConcat(const std::vector<Tensor>& xs, int64_t time, std::vector<int64_t> shape);
  Tensor Unfold(Tensor x, const UnfoldShape& shape);

  std::unique_ptr<Graph> graph_;
  std::unordered_map<std::string, TensorId> parameters_;  // by name
  std::function<void(const std::string&, const std::vector<int64_t>&)> on_parameter_;
};

}  // namespace nf

#endif  // NF_GRAPH_BUILDER_H_
