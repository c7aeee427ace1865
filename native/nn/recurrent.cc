#include "nn/recurrent.h"

#include <cmath>

namespace nf {

Builder::RecurrentWeights RecurrentStack::Weights(Builder& b, int64_t in, const std::string& name,
                                                  const std::string& suffix) const {
  const double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
  const int64_t rows = static_cast<int64_t>(NumGates(cell)) * hidden;
  const auto parameter = [&](const char* kind, std::vector<int64_t> dims) {
    return b.Parameter(name + "." + kind + "_" + suffix, std::move(dims), bound);
  };
  Builder::RecurrentWeights w;
  w.w_ih = parameter("weight_ih", {rows, in});
  w.w_hh = parameter("weight_hh", {rows, width()});
  if (bias) {
    w.b_ih = parameter("bias_ih", {rows});
    w.b_hh = parameter("bias_hh", {rows});
  }
  if (projection > 0) w.w_hr = parameter("weight_hr", {projection, hidden});
  return w;
}

Tensor RecurrentStack::operator()(Builder& b, Tensor x, const std::string& name) const {
  for (int64_t i = 0; i < layers; ++i) {
    const int64_t in = b.dims(x)[1];
    const std::string suffix = "l" + std::to_string(i);
    const auto run = [&](const std::string& end, bool reverse) {
      return b.Recurrent(cell, x, Weights(b, in, name, suffix + end), {.reverse = reverse});
    };
    const Tensor forward = run("", false);
    x = bidirectional ? b.ConcatLast({forward, run("_reverse", true)}, b.dims(x)[0]) : forward;
    if (i + 1 < layers) x = b.Dropout(x, dropout);
  }
  return x;
}

}  // namespace nf
