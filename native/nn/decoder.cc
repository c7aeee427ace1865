#include "nn/decoder.h"

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
  return b.Transpose(LinearLayer(b, b.Transpose(x), steps, Activation::kNone, name));
}

}  // namespace nf
