#include "ops/attention.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "ops/op_names.h"
#include "util/error.h"
#include "util/integers.h"
#include "util/job_control.h"

namespace nf {
namespace {

// Where queries, keys or values lie in a row of their tensor: [time, width], of which the op reads
// `channels` from column `begin` on.
struct Part {
  int64_t time, width, begin, channels;
};

struct Parts {
  Part q, k, v;  // q and k of as many channels
};

// inputs: q, k, v (which may be one tensor) and, if there is one, the mask of the keys [Lk]; output
// [Lq, heads * channels of v in a head]. Saves the statistics [heads, Lq] of kernels/attention.h,
// nothing of size Lq x Lk.
class AttentionOp final : public Op {
 public:
  AttentionOp(std::vector<TensorId> ids, TensorId out_id, TensorId statistics, const Parts& parts,
              const AttentionOptions& options)
      : Op(op_name::kAttention, std::move(ids), out_id),
        parts_(parts),
        options_(options),
        width_(parts.q.channels / options.heads),
        v_width_(parts.v.channels / (options.shared_values ? 1 : options.heads)) {
    saved = {statistics};
    const int64_t products =
        2 * parts.q.time * parts.k.time * (parts.q.channels + options.heads * v_width_);
    flops_forward = products;    // Q.K^T and P.V
    flops_input = 2 * products;  // dK, dQ and dP, dV; the scores are computed again
  }

  void Forward(const OpContext& c) const override;
  void Backward(const OpContext& c) const override;
  bool BackwardReadsOutput() const override { return true; }
  bool BackwardReadsInput(int) const override { return true; }
  int64_t ScratchFloats(const KernelTable& k) const override {
    return static_cast<int64_t>(k.attention.scratch_size(Size(parts_.q.time), Size(parts_.k.time),
                                                         Size(std::max(width_, v_width_))));
  }

 private:
  // One head of row r.
  AttentionArgs Head(const OpContext& c, int64_t r, int64_t head) const;
  // Whether the kernel has to add to the gradient of input i, which is cleared if nothing is there.
  bool AddsTo(const OpContext& c, size_t i, const Part& part) const;

  const Parts parts_;
  const AttentionOptions options_;
  const int64_t width_, v_width_;  // channels of a head: of q and k; of v and the output
};

AttentionArgs AttentionOp::Head(const OpContext& c, int64_t r, int64_t head) const {
  const auto at = [&](const Part& p, int64_t before) {
    return r * p.time * p.width + p.begin + before;
  };
  AttentionArgs a;
  a.queries = Size(parts_.q.time);
  a.keys = Size(parts_.k.time);
  a.width = Size(width_);
  a.v_width = Size(v_width_);
  a.q = In(c, 0) + at(parts_.q, head * width_);
  a.k = In(c, 1) + at(parts_.k, head * width_);
  a.v = In(c, 2) + at(parts_.v, options_.shared_values ? 0 : head * v_width_);
  a.q_stride = Size(parts_.q.width);
  a.k_stride = Size(parts_.k.width);
  a.v_stride = Size(parts_.v.width);
  a.out_stride = Size(options_.heads * v_width_);
  if (inputs.size() > 3) a.mask = In(c, 3) + r * parts_.k.time;
  a.causal = options_.causal;
  a.scale = static_cast<float>(options_.scale > 0 ? options_.scale
                                                  : 1.0 / std::sqrt(static_cast<double>(width_)));
  a.dropout = c.training ? static_cast<float>(options_.dropout) : 0.0f;
  a.seed = c.seed;
  a.step = static_cast<uint64_t>(c.step);
  a.op = static_cast<uint32_t>(output);
  a.row = static_cast<uint32_t>(c.first_row + r);
  a.head = static_cast<uint32_t>(head);
  a.out = Out(c) + (r * parts_.q.time * options_.heads + head) * v_width_;
  a.statistics = c.data[saved[0]] + (r * options_.heads + head) * parts_.q.time;
  return a;
}

void AttentionOp::Forward(const OpContext& c) const {
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t head = 0; head < options_.heads; ++head) {
      ThrowIfStopped();
      c.kernels->attention.forward(Head(c, r, head), 0, Size(parts_.q.time), c.scratch);
    }
  }
}

bool AttentionOp::AddsTo(const OpContext& c, size_t i, const Part& part) const {
  if (GradIn(c, i) == nullptr || c.accumulate[i]) return true;
  // Only what is one part's alone and covered by it can be written in passing. Where one tensor is
  // several inputs, the first of them is told to write.
  const auto last = inputs.begin() + 3;
  const bool alone = std::count(inputs.begin(), last, inputs[i]) == 1;
  if (part.channels == part.width && alone && !(i == 2 && options_.shared_values)) return false;
  std::fill_n(GradIn(c, i), c.rows * part.time * part.width, 0.0f);
  return true;
}

void AttentionOp::Backward(const OpContext& c) const {
  const bool add_q = AddsTo(c, 0, parts_.q);
  const bool add_k = AddsTo(c, 1, parts_.k), add_v = AddsTo(c, 2, parts_.v);
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t head = 0; head < options_.heads; ++head) {
      ThrowIfStopped();
      AttentionArgs a = Head(c, r, head);
      a.d_out = GradOut(c) + (a.out - Out(c));
      if (GradIn(c, 0) != nullptr) a.dq = GradIn(c, 0) + (a.q - In(c, 0));
      if (GradIn(c, 1) != nullptr) a.dk = GradIn(c, 1) + (a.k - In(c, 1));
      if (GradIn(c, 2) != nullptr) a.dv = GradIn(c, 2) + (a.v - In(c, 2));
      a.add_q = add_q;
      a.add_k = add_k;
      a.add_v = add_v;
      c.kernels->attention.backward(a, c.scratch);
    }
  }
}

}  // namespace

Tensor Attention(Recorder& g, Channels q, Channels k, Channels v, const AttentionOptions& options,
                 Tensor mask) {
  const auto part = [&](const Channels& c) {
    NF_CHECK(g.dims(c.x).size() == 2 && c.begin + c.count <= g.dims(c.x)[1]);
    const int64_t width = g.dims(c.x)[1];
    return Part{g.dims(c.x)[0], width, c.begin, c.count > 0 ? c.count : width};
  };
  const Parts parts = {part(q), part(k), part(v)};
  NF_CHECK(parts.k.channels == parts.q.channels && parts.k.time == parts.v.time);
  NF_CHECK(options.heads >= 1 && parts.q.channels % options.heads == 0);
  NF_CHECK(options.shared_values || parts.v.channels % options.heads == 0);
  std::vector<TensorId> ids = {q.x.id, k.x.id, v.x.id};
  if (!mask.empty()) {
    NF_CHECK(g.size(mask) == parts.k.time && !g.needs_grad(mask));
    ids.push_back(mask.id);
  }
  const bool needs_grad = g.needs_grad(q.x) || g.needs_grad(k.x) || g.needs_grad(v.x);
  const Tensor y = g.Activation(
      {parts.q.time, parts.v.channels * (options.shared_values ? options.heads : 1)}, needs_grad);
  const TensorId statistics = g.Kept({options.heads, parts.q.time});
  return g.Record(std::make_unique<AttentionOp>(std::move(ids), y.id, statistics, parts, options),
                  y);
}

}  // namespace nf
