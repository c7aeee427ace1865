#include "nn/recurrent.h"

#include <cmath>

#include "ops/concat.h"
#include "ops/dropout.h"
#include "ops/slice.h"
#include "util/error.h"

namespace nf {

RecurrentWeights RecurrentStack::Weights(Recorder& g, int64_t in, const std::string& name,
                                         const std::string& suffix) const {
  const double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
  const int64_t rows = static_cast<int64_t>(NumGates(cell)) * hidden;
  const auto parameter = [&](const char* kind, std::vector<int64_t> dims) {
    return g.Parameter(name + "." + kind + "_" + suffix, std::move(dims), bound);
  };
  RecurrentWeights w;
  w.w_ih = parameter("weight_ih", {rows, in});
  w.w_hh = parameter("weight_hh", {rows, width()});
  if (bias) {
    w.b_ih = parameter("bias_ih", {rows});
    w.b_hh = parameter("bias_hh", {rows});
  }
  if (projection > 0) w.w_hr = parameter("weight_hr", {projection, hidden});
  return w;
}

Tensor RecurrentStack::operator()(Recorder& g, Tensor x, const std::string& name) const {
  for (int64_t i = 0; i < layers; ++i) {
    const int64_t in = g.dims(x)[1];
    const std::string suffix = "l" + std::to_string(i);
    const auto run = [&](const std::string& end, bool reverse) {
      return Recurrent(g, cell, x, Weights(g, in, name, suffix + end), {.reverse = reverse});
    };
    const Tensor forward = run("", false);
    x = bidirectional ? Concat(g, {forward, run("_reverse", true)}, Axis(1)) : forward;
    if (i + 1 < layers) x = Dropout(g, x, dropout);
  }
  return x;
}

Tensor RecurrentStack::Continue(Recorder& g, Tensor x, const std::string& name,
                                State& state) const {
  NF_CHECK(!bidirectional);
  const bool lstm = cell == Cell::kLstm, fresh = state.h.empty();
  if (fresh) state.h.resize(static_cast<size_t>(layers)), state.c.resize(state.h.size());
  for (int64_t i = 0; i < layers; ++i) {
    Tensor &h = state.h[static_cast<size_t>(i)], &c = state.c[static_cast<size_t>(i)];
    const int64_t time = g.dims(x)[0], values = time * width();
    const auto weights = Weights(g, g.dims(x)[1], name, "l" + std::to_string(i));
    x = Recurrent(g, cell, x, weights, {.h0 = h, .c0 = c, .cell_out = lstm});
    if (lstm) {
      c = Slice(g, x, Axis(0), values, values + hidden);
      x = Slice(g, x, Axis(0), 0, values, {time, width()});
    }
    h = Slice(g, x, Axis(0), time - 1, time, {width()});
    if (i + 1 < layers) x = Dropout(g, x, dropout);
  }
  return x;
}

Tensor RecurrentStack::Join(Recorder& g, const State& state) const {
  std::vector<Tensor> parts;
  for (size_t i = 0; i < state.h.size(); ++i) {
    parts.push_back(state.h[i]);
    if (cell == Cell::kLstm) parts.push_back(state.c[i]);
  }
  return Concat(g, parts, Axis(0));
}

RecurrentStack::State RecurrentStack::Split(Recorder& g, Tensor joined) const {
  State state;
  int64_t at = 0;
  const auto next = [&](int64_t size) {
    at += size;
    return Slice(g, joined, Axis(0), at - size, at);
  };
  for (int64_t i = 0; i < layers; ++i) {
    state.h.push_back(next(width()));
    state.c.push_back(cell == Cell::kLstm ? next(hidden) : Tensor{});
  }
  return state;
}

}  // namespace nf
