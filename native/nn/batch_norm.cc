#include "nn/batch_norm.h"

namespace nf {

Tensor BatchNorm(Recorder& g, Tensor x, const std::string& name) {
  const int64_t channels = g.dims(x).back();
  const Weight weight = g.Parameter(name + ".weight", {channels}, 0.0, 1.0);
  const Weight bias = g.Parameter(name + ".bias", {channels}, 0.0);
  const State mean = g.State(name + ".running_mean", {channels}, 0.0);
  return BatchNorm(g, x, weight, bias, mean, g.State(name + ".running_var", {channels}, 1.0));
}

}  // namespace nf
