// How transformers embed a series.
#ifndef NF_NN_EMBEDDING_H_
#define NF_NN_EMBEDDING_H_

#include <string>

#include "graph/const_matrix.h"
#include "graph/recorder.h"

namespace nf {

// Sines and cosines of the position (Vaswani et al., 2017): [time, width], row t holds
// sin(t * f), cos(t * f) for f = 10000^(-2i / width), in the rounding of torch's f32.
ConstMatrix SinusoidPositions(int64_t time, int64_t width);

// x [time, channels] -> [time, width] as NeuralForecast's DataEmbedding: a circular convolution of
// three taps without bias, the positions, and a linear layer without bias of `marks` [time, F]
// (or none: an empty handle); then dropout. Parameters "<name>.value_embedding.tokenConv.weight"
// [width, channels, 3], normal with variance 2 / (3 * channels), and
// "<name>.temporal_embedding.embed.weight" [width, F], uniform in +-1/sqrt(F).
Tensor DataEmbedding(Recorder& g, Tensor x, Tensor marks, int64_t width, double dropout,
                     const std::string& name);

// x [time, series] -> [series, width] (Liu et al., 2024): a linear layer over the whole time of
// each series, the same for all, "<name>.value_embedding"; then dropout. Each series is then one of
// the tokens that attention looks at.
Tensor InvertedEmbedding(Recorder& g, Tensor x, int64_t width, double dropout,
                         const std::string& name);

}  // namespace nf

#endif  // NF_NN_EMBEDDING_H_
