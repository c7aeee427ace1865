// Small arithmetic on counts.
#ifndef NF_UTIL_INTEGERS_H_
#define NF_UTIL_INTEGERS_H_

#include <cstddef>
#include <cstdint>

namespace nf {

// A count as the kernels take it; n >= 0.
constexpr size_t Size(int64_t n) { return static_cast<size_t>(n); }

// The least multiple of `to` that is at least n; n >= 0, to > 0.
constexpr int64_t RoundUp(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

}  // namespace nf

#endif  // NF_UTIL_INTEGERS_H_
