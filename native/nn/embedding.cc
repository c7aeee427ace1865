#include "nn/embedding.h"

#include <cmath>

namespace nf {

ConstMatrix SinusoidPositions(int64_t time, int64_t width) {
  std::vector<float> frequencies;
  const float step = static_cast<float>(-std::log(10000.0) / static_cast<double>(width));
  for (int64_t i = 0; i < width; i += 2) {
    frequencies.push_back(std::exp(static_cast<float>(i) * step));
  }
  return {time, width, [frequencies](int64_t t, int64_t begin, int64_t end, float* out) {
            for (int64_t i = begin; i < end; ++i) {
              // A product of floats.
              const double angle = static_cast<float>(t) * frequencies[static_cast<size_t>(i / 2)];
              *out++ = static_cast<float>(i % 2 == 0 ? std::sin(angle) : std::cos(angle));
            }
          }};
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
