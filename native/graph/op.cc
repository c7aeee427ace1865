#include "graph/op.h"

namespace nf {

void Op::Contribute(const OpContext& c, size_t i, float alpha, const float* from, int64_t n) const {
  float* to = GradIn(c, i);
  if (to == nullptr) return;
  const auto& k = c.kernels->elementwise;
  if (c.accumulate[i]) {
    k.axpy(alpha, from, to, static_cast<size_t>(n));
  } else {
    k.scale(alpha, from, to, static_cast<size_t>(n));
  }
}

}  // namespace nf
