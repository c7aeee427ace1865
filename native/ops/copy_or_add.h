// What ops that move values do with a gradient.
#ifndef NF_OPS_COPY_OR_ADD_H_
#define NF_OPS_COPY_OR_ADD_H_

#include <algorithm>
#include <cstdint>

namespace nf {

inline void CopyOrAdd(bool add, const float* from, float* to, int64_t n) {
  if (add) {
    for (int64_t i = 0; i < n; ++i) to[i] += from[i];
  } else {
    std::copy_n(from, n, to);
  }
}

}  // namespace nf

#endif  // NF_OPS_COPY_OR_ADD_H_
