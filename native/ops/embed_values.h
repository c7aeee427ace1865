// Values as vectors.
#ifndef NF_OPS_EMBED_VALUES_H_
#define NF_OPS_EMBED_VALUES_H_

#include "graph/recorder.h"

namespace nf {

// Each variable's value times a vector of its own, and one added: x [time, n], vectors and bias
// [n, C] -> [time, n, C].
Tensor EmbedValues(Recorder& g, Tensor x, Weight vectors, Weight bias);

}  // namespace nf

#endif  // NF_OPS_EMBED_VALUES_H_
