#include "nn/norm.h"

#include "ops/layer_norm.h"

namespace nf {

Tensor LayerNorm(Recorder& g, Tensor x, const std::string& name, double epsilon) {
  const int64_t channels = g.dims(x).back();
  const Weight weight = g.Parameter(name + ".weight", {channels}, 0.0, 1.0);
  return LayerNorm(g, x, weight, g.Parameter(name + ".bias", {channels}, 0.0), epsilon);
}

}  // namespace nf
