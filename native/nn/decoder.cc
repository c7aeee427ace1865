#include "nn/decoder.h"

#include <cmath>

#include "nn/linear.h"
#include "ops/time_linear.h"

namespace nf {

Tensor MlpDecoder(Recorder& g, Tensor x, int64_t outputs, int64_t hidden, int64_t layers,
                  const std::string& name) {
  auto layer = [&](int64_t i) { return name + ".layers." + std::to_string(3 * i); };
  for (int64_t i = 0; i + 1 < layers; ++i) {
    x = LinearLayer(g, x, hidden, Activation::kRelu, layer(i));
  }
  return LinearLayer(g, x, outputs, Activation::kNone, layer(layers - 1));
}

Tensor LinearOverTime(Recorder& g, Tensor x, int64_t steps, const std::string& name) {
  const int64_t time = g.dims(x)[0];
  const double bound = 1.0 / std::sqrt(static_cast<double>(time));
  // One after the other: fresh values are drawn by the place of a parameter.
  const Weight bias = g.Parameter(name + ".bias", {steps}, bound);
  return TimeLinear(g, x, g.Parameter(name + ".weight", {steps, time}, bound), bias);
}

}  // namespace nf
