#include "heads/loss_op.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "util/error.h"

namespace nf {
namespace {

// Where its inputs stand among an op's; -1: not there.
struct LossInputs {
  std::vector<TensorId> ids;
  int loc = -1, scale = -1, insample = -1, mask = -1, level = -1;
};

class LossOp final : public Op {
 public:
  LossOp(const Head& head, LossInputs in, TensorId out, const LossRows& sizes)
      : Op("Loss", in.ids, out), head_(head), in_(std::move(in)), sizes_(sizes) {}

  // One pass gives the loss and its gradient, so it is left to Backward, where there is one.
  void Forward(const OpContext& c) const override {
    if (!c.training || c.grad[inputs[0]] == nullptr) Run(c, nullptr);
  }
  void Backward(const OpContext& c) const override { Run(c, GradIn(c, 0)); }
  bool BackwardReadsInput(int) const override { return true; }

 private:
  void Run(const OpContext& c, float* grad) const {
    NF_CHECK(c.loss != nullptr);
    const LossSums& to = *c.loss;
    LossRows rows = sizes_;
    rows.grad_scale = to.grad_scale;
    const int64_t width = rows.points * head_.width();
    const auto at = [&](int input, int64_t size) {
      return input < 0 ? nullptr : In(c, static_cast<size_t>(input)) + size;
    };
    for (int64_t r = 0; r < c.rows; r += to.rows) {
      rows.rows = std::min(to.rows, c.rows - r);
      rows.raw = In(c, 0) + r * width;
      rows.target = In(c, 1) + r * rows.points;
      rows.weight = In(c, 2) + r * rows.points;
      rows.loc = at(in_.loc, r * rows.series);
      rows.scale = at(in_.scale, r * rows.series);
      rows.insample = at(in_.insample, r * rows.steps * rows.series);
      rows.insample_mask = at(in_.mask, r * rows.steps * rows.series);
      rows.level = at(in_.level, r * rows.points);
      rows.grad = grad == nullptr ? nullptr : grad + r * width;
      const int64_t block = (c.first_row + r) / to.rows;
      to.sums[block] = head_.Loss(*c.kernels, rows);
      to.benchmarks[block] = head_.Benchmark(rows);
    }
  }

  const Head& head_;
  const LossInputs in_;
  const LossRows sizes_;
};

}  // namespace

Tensor RecordLoss(Recorder& g, const Head& head, Tensor raw, Tensor insample_y,
                  Tensor insample_mask, int64_t lookback, int64_t series) {
  LossRows sizes;
  sizes.points = g.size(raw) / head.width();
  sizes.series = series;
  sizes.lookback = lookback;
  sizes.steps = g.size(insample_y) / series;
  LossInputs in;
  const auto add = [&](Tensor input) {
    in.ids.push_back(input.id);
    return static_cast<int>(in.ids.size()) - 1;
  };
  const Tensor output = head.Record(g, raw);
  add(output);
  add(g.Input(Input::kTarget, {sizes.points}));
  add(g.Input(Input::kWeight, {sizes.points}));
  if (head.ports().anchor) {
    in.loc = add(g.Input(Input::kLoc, {series}));
    in.scale = add(g.Input(Input::kScale, {series}));
  }
  if (head.ports().insample) {
    in.insample = add(insample_y);
    in.mask = add(insample_mask);
  }
  if (head.ports().level) in.level = add(g.Input(Input::kLevel, {sizes.points}));
  const Tensor loss = g.Activation({1}, g.needs_grad(output));
  return g.Record(std::make_unique<LossOp>(head, std::move(in), loss.id, sizes), loss);
}

}  // namespace nf
