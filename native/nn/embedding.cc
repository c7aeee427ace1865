#include "nn/embedding.h"

#include <cmath>

namespace nf {

ConstMatrix SinusoidPositions(int64_t time, int64_t width) {
  ConstMatrix c(time, width);
  const float step = static_cast<float>(-std::log(10000.0) / static_cast<double>(width));
  for (int64_t i = 0; i < width; i += 2) {
    const float frequency = std::exp(static_cast<float>(i) * step);
    for (int64_t t = 0; t < time; ++t) {
      const double angle = static_cast<float>(t) * frequency;  // a product of floats
      c.at(t, i) = static_cast<float>(std::sin(angle));
      if (i + 1 < width) c.at(t, i + 1) = static_cast<float>(std::cos(angle));
    }
  }
  return c;
}

Tensor DataEmbedding(Builder& b, Tensor x, Tensor marks, int64_t width, double dropout,
                     const std::string& name) {
  const int64_t time = b.dims(x)[0], channels = b.dims(x)[1];
  const Tensor taps =
      b.NormalParameter(name + ".value_embedding.tokenConv.weight", {width, channels, 3},
                        std::sqrt(2.0 / static_cast<double>(3 * channels)));
  Tensor y = b.Linear(b.UnfoldCircular(x, 3), taps, {}, Activation::kNone);
  y = b.AddConst(y, SinusoidPositions(time, width));
  if (marks.id != kNoTensor) {
    const int64_t columns = b.dims(marks)[1];
    const Tensor weight = b.Parameter(name + ".temporal_embedding.embed.weight", {width, columns},
                                      1.0 / std::sqrt(static_cast<double>(columns)));
    y = b.Add(y, b.Linear(marks, weight, {}, Activation::kNone));
  }
  return b.Dropout(y, dropout);
}

}  // namespace nf
