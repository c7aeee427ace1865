#include "nn/embedding.h"

#include <cmath>

#include "nn/linear.h"
#include "ops/add_const.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"
#include "ops/linear.h"
#include "ops/transpose.h"
#include "ops/unfold.h"

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

Tensor DataEmbedding(Recorder& g, Tensor x, Tensor marks, int64_t width, double dropout,
                     const std::string& name) {
  const int64_t time = g.dims(x)[0], channels = g.dims(x)[1];
  const Weight taps =
      g.NormalParameter(name + ".value_embedding.tokenConv.weight", {width, channels, 3},
                        std::sqrt(2.0 / static_cast<double>(3 * channels)));
  Tensor y = Linear(g, UnfoldCircular(g, x, 3), taps, {}, Activation::kNone);
  y = AddConst(g, y, SinusoidPositions(time, width));
  if (!marks.empty()) {
    const int64_t columns = g.dims(marks)[1];
    const Weight weight = g.Parameter(name + ".temporal_embedding.embed.weight", {width, columns},
                                      1.0 / std::sqrt(static_cast<double>(columns)));
    y = Add(g, y, Linear(g, marks, weight, {}, Activation::kNone));
  }
  return Dropout(g, y, dropout);
}

Tensor InvertedEmbedding(Recorder& g, Tensor x, int64_t width, double dropout,
                         const std::string& name) {
  const Tensor y =
      LinearLayer(g, Transpose(g, x), width, Activation::kNone, name + ".value_embedding");
  return Dropout(g, y, dropout);
}

}  // namespace nf
