// Unfolding on vectors.
#include <cstdint>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/layout.h"
#include "kernels/ref/layout.h"
#include "simd/loop-inl.h"
#include "simd/transpose-inl.h"

#if defined(NF_KERNELS_LAYOUT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_LAYOUT_INL_H_
#undef NF_KERNELS_LAYOUT_INL_H_
#else
#define NF_KERNELS_LAYOUT_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kFullTaps = 4;  // kernels up to this wide have code of their own

// The taps of one time: taps[j] is where tap j reads (or adds), nullptr beyond the ends.
template <class T>
HWY_INLINE void TapsAt(T* x, const UnfoldShape& s, size_t t, T* (&taps)[kFullTaps]) {
  for (size_t j = 0; j < s.kernel; ++j) {
    const int64_t at = ref::TapTime(s, t, j);
    taps[j] = at < 0 ? nullptr : x + static_cast<size_t>(at) * s.channels;
  }
}

HWY_INLINE FloatVec LoadTap(const float* tap, size_t c) {
  return tap == nullptr ? hn::Zero(FloatTag()) : hn::LoadU(FloatTag(), tap + c);
}

template <size_t kKernel>
HWY_INLINE void UnfoldRow(const float* const (&taps)[kFullTaps], size_t channels, float* y) {
  const FloatTag d;
  const size_t step = hn::Lanes(d);
  size_t c = 0;
  for (; c + step <= channels; c += step, y += step * kKernel) {
    const FloatVec a = LoadTap(taps[0], c), b = LoadTap(taps[1], c);
    if constexpr (kKernel == 2) {
      hn::StoreInterleaved2(a, b, d, y);
    } else if constexpr (kKernel == 3) {
      hn::StoreInterleaved3(a, b, LoadTap(taps[2], c), d, y);
    } else {
      hn::StoreInterleaved4(a, b, LoadTap(taps[2], c), LoadTap(taps[3], c), d, y);
    }
  }
  for (; c < channels; ++c) {
    for (size_t j = 0; j < kKernel; ++j) *y++ = taps[j] == nullptr ? 0.0f : taps[j][c];
  }
}

HWY_INLINE void AddToTap(FloatVec v, float* tap, size_t c) {
  if (tap == nullptr) return;
  const FloatTag d;
  hn::StoreU(hn::Add(hn::LoadU(d, tap + c), v), d, tap + c);
}

template <size_t kKernel>
HWY_INLINE void FoldRow(const float* dy, size_t channels, float* const (&taps)[kFullTaps]) {
  const FloatTag d;
  const size_t step = hn::Lanes(d);
  size_t c = 0;
  for (; c + step <= channels; c += step, dy += step * kKernel) {
    FloatVec v[kFullTaps];
    if constexpr (kKernel == 2) {
      hn::LoadInterleaved2(d, dy, v[0], v[1]);
    } else if constexpr (kKernel == 3) {
      hn::LoadInterleaved3(d, dy, v[0], v[1], v[2]);
    } else {
      hn::LoadInterleaved4(d, dy, v[0], v[1], v[2], v[3]);
    }
    for (size_t j = 0; j < kKernel; ++j) AddToTap(v[j], taps[j], c);
  }
  for (; c < channels; ++c) {
    for (size_t j = 0; j < kKernel; ++j, ++dy) {
      if (taps[j] != nullptr) taps[j][c] += *dy;
    }
  }
}

template <size_t kKernel>
HWY_INLINE void UnfoldOf(const float* x, const UnfoldShape& s, float* y) {
  const float* taps[kFullTaps] = {};
  for (size_t t = 0; t < s.time; ++t, y += s.channels * kKernel) {
    TapsAt(x, s, t, taps);
    UnfoldRow<kKernel>(taps, s.channels, y);
  }
}

template <size_t kKernel>
HWY_INLINE void FoldOf(const float* dy, const UnfoldShape& s, float* dx) {
  float* taps[kFullTaps] = {};
  for (size_t t = 0; t < s.time; ++t, dy += s.channels * kKernel) {
    TapsAt(dx, s, t, taps);
    FoldRow<kKernel>(dy, s.channels, taps);
  }
}

inline void Unfold(const float* x, const UnfoldShape& s, float* y) {
  switch (s.kernel) {
    case 2:
      return UnfoldOf<2>(x, s, y);
    case 3:
      return UnfoldOf<3>(x, s, y);
    case 4:
      return UnfoldOf<4>(x, s, y);
    default:
      return ref::Unfold(x, s, y);
  }
}

inline void Fold(const float* dy, const UnfoldShape& s, bool accumulate, float* dx) {
  if (s.kernel < 2 || s.kernel > kFullTaps) return ref::Fold(dy, s, accumulate, dx);
  const FloatTag d;
  if (!accumulate) {
    ForLanes(s.time * s.channels,
             [=](size_t i, auto lanes) HWY_ATTR { lanes.Store(hn::Zero(d), dx + i); });
  }
  switch (s.kernel) {
    case 2:
      return FoldOf<2>(dy, s, dx);
    case 3:
      return FoldOf<3>(dy, s, dx);
    default:
      return FoldOf<4>(dy, s, dx);
  }
}

inline void TransposeRows(const float* x, size_t time, size_t channels, float* y) {
  Transpose(x, channels, time, channels, y, time);
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_LAYOUT_INL_H_
