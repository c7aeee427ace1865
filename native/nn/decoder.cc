#include "nn/decoder.h"

#include <cmath>

#include "nn/linear.h"

namespace nf {

Tensor MlpDecoder(Builder& b, Tensor x, int64_t outputs, int64_t hidden, int64_t layers,
                  const std::string& name) {
  auto layer = [&](int64_t i) { return name + ".layers." + std::to_string(3 * i); };
  for (int64_t i = 0; i + 1 < layers; ++i) {
    x = LinearLayer(b, x, hidden, Activation::kRelu, layer(i));
  }
  return LinearLayer(b, x, outputs, Activation::kNone, layer(layers - 1));
}

Tensor LinearOverTime(Builder& b, Tensor x, int64_t steps, const std::string& name) {
  const int64_t time = b.dims(x)[0];
  const double bound = 1.0 / std::sqrt(static_cast<double>(time));
  return b.TimeLinear(x, b.Parameter(name + ".weight", {steps, time}, bound),
                      b.Parameter(name + ".bias", {steps}, bound));
}

}  // namespace nf
