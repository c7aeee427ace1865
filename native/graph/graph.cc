#include "graph/graph.h"

#include <algorithm>
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

}  // namespace

std::vector<float> Graph::InitialParameters(uint64_t seed) const {
  std::vector<float> slab(static_cast<size_t>(slab_size), 0.0f);
  for (size_t p = 0; p < parameters.size(); ++p) {
    ThrowIfStopped();
    const TensorInfo& info = tensor(parameters[p]);
    Philox rng(seed, RngStream::kInit, p, 0);
    for (int64_t i = 0; info.init_deviation > 0 && i < info.size; ++i) {
      slab[static_cast<size_t>(info.offset + i)] =
          static_cast<float>(info.init_deviation * NextNormal(rng));
    }
    for (int64_t i = 0; info.init_deviation == 0 && i < info.size; ++i) {
      slab[static_cast<size_t>(info.offset + i)] =
          static_cast<float>(info.init_centre + info.init_bound * (2.0 * rng.NextFloat() - 1.0));
    }
  }
  for (TensorId id : stored) {
    const TensorInfo& info = tensor(id);
    if (info.kind != TensorKind::kState) continue;
    std::fill_n(slab.begin() + info.offset, info.size, static_cast<float>(info.init_centre));
  }
  return slab;
}

}  // namespace nf
