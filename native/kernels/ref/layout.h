// Scalar twins of the layout kernels, for any floating-point type.
#ifndef NF_KERNELS_REF_LAYOUT_H_
#define NF_KERNELS_REF_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "kernels/layout.h"

namespace nf::ref {

// Where tap j reads at t, or -1: beyond the ends.
inline int64_t TapTime(const UnfoldShape& s, size_t t, size_t j) {
  const auto time = static_cast<int64_t>(s.time);
  const int64_t at =
      static_cast<int64_t>(t) +
      (static_cast<int64_t>(j) - static_cast<int64_t>(s.left)) * static_cast<int64_t>(s.dilation);
  if (s.circular) return (at % time + time) % time;
  return at >= 0 && at < time ? at : -1;
}

template <class T>
void Unfold(const T* x, const UnfoldShape& s, T* y) {
  for (size_t t = 0; t < s.time; ++t) {
    for (size_t j = 0; j < s.kernel; ++j) {
      const int64_t from = TapTime(s, t, j);
      for (size_t c = 0; c < s.channels; ++c) {
        y[(t * s.channels + c) * s.kernel + j] =
            from < 0 ? T{0} : x[static_cast<size_t>(from) * s.channels + c];
      }
    }
  }
}

template <class T>
void Fold(const T* dy, const UnfoldShape& s, bool accumulate, T* dx) {
  if (!accumulate) {
    for (size_t i = 0; i < s.time * s.channels; ++i) dx[i] = T{0};
  }
  for (size_t t = 0; t < s.time; ++t) {
    for (size_t j = 0; j < s.kernel; ++j) {
      const int64_t to = TapTime(s, t, j);
      if (to < 0) continue;
      for (size_t c = 0; c < s.channels; ++c) {
        dx[static_cast<size_t>(to) * s.channels + c] += dy[(t * s.channels + c) * s.kernel + j];
      }
    }
  }
}

template <class T>
void Transpose(const T* x, size_t time, size_t channels, T* y) {
  for (size_t t = 0; t < time; ++t) {
    for (size_t c = 0; c < channels; ++c) y[c * time + t] = x[t * channels + c];
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_LAYOUT_H_
