#include "graph/graph.h"

#include <cmath>
#include <numbers>

#include "util/job_control.h"
#include "util/rng.h"

namespace nf {
namespace {

// Box & Muller (1958), one of the two.
double NextNormal(Philox& rng) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - rng.NextFloat()));
  return radius * std::cos(2.0 * std::numbers::pi * rng.NextFloat());
}

void DrawUniform(const TensorInfo& info, Philox& rng, float* to) {
  for (int64_t i = 0; i < info.size; ++i) {
    to[i] = static_cast<float>(info.init_centre + info.init_bound * (2.0 * rng.NextFloat() - 1.0));
  }
}

}  // namespace

std::vector<float> Graph::InitialParameters(uint64_t seed) const {
  std::vector<float> slab(static_cast<size_t>(slab_size), 0.0f);
  for (size_t p = 0; p < parameters.size(); ++p) {
    ThrowIfStopped();
    const TensorInfo& info = tensor(parameters[p]);
    Philox rng(seed, RngStream::kInit, p, 0);
    float* const to = slab.data() + info.offset;
    if (info.init_deviation == 0) DrawUniform(info, rng, to);
    for (int64_t i = 0; info.init_deviation > 0 && i < info.size; ++i) {
      to[i] = static_cast<float>(info.init_deviation * NextNormal(rng));
    }
  }
  for (size_t s = 0; s < stored.size(); ++s) {
    const TensorInfo& info = tensor(stored[s]);
    if (info.kind != TensorKind::kState) continue;
    Philox rng(seed, RngStream::kInit, parameters.size() + s, 0);
    DrawUniform(info, rng, slab.data() + info.offset);
  }
  return slab;
}

}  // namespace nf
