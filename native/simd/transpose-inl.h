// Transposition of f32 blocks.
#include <cstddef>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "simd/loop-inl.h"

#if defined(NF_SIMD_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_SIMD_TRANSPOSE_INL_H_
#undef NF_SIMD_TRANSPOSE_INL_H_
#else
#define NF_SIMD_TRANSPOSE_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Block L (4 lanes) holds x[4 L * ld ... + 3].
template <size_t kN>
HWY_INLINE hn::Vec<hn::FixedTag<float, kN>> LoadBlocks(const float* x, size_t ld) {
  const hn::FixedTag<float, kN> d;
  if constexpr (kN == 4) {
    return hn::LoadU(d, x);
  } else {
    return hn::Combine(d, LoadBlocks<kN / 2>(x + kN / 2 * ld, ld), LoadBlocks<kN / 2>(x, ld));
  }
}

// kLanes rows x 4 columns of x, transposed: out[c][r] = x[r * ld + c].
HWY_INLINE void LoadTransposed(const float* x, size_t ld, FloatVec out[4]) {
  const FloatTag d;
  const hn::RepartitionToWide<FloatTag> d64;
  const FloatVec r0 = LoadBlocks<kLanes>(x, ld);  // rows 0, 4, 8, ...
  const FloatVec r1 = LoadBlocks<kLanes>(x + ld, ld);
  const FloatVec r2 = LoadBlocks<kLanes>(x + 2 * ld, ld);
  const FloatVec r3 = LoadBlocks<kLanes>(x + 3 * ld, ld);
  const auto low01 = hn::BitCast(d64, hn::InterleaveLower(d, r0, r1));
  const auto high01 = hn::BitCast(d64, hn::InterleaveUpper(d, r0, r1));
  const auto low23 = hn::BitCast(d64, hn::InterleaveLower(d, r2, r3));
  const auto high23 = hn::BitCast(d64, hn::InterleaveUpper(d, r2, r3));
  out[0] = hn::BitCast(d, hn::InterleaveLower(d64, low01, low23));
  out[1] = hn::BitCast(d, hn::InterleaveUpper(d64, low01, low23));
  out[2] = hn::BitCast(d, hn::InterleaveLower(d64, high01, high23));
  out[3] = hn::BitCast(d, hn::InterleaveUpper(d64, high01, high23));
}

// y[c * ldy + r] = x[r * ldx + c] for `rows` x `columns` of x.
HWY_NOINLINE inline void Transpose(const float* HWY_RESTRICT x, size_t ldx, size_t rows,
                                   size_t columns, float* HWY_RESTRICT y, size_t ldy) {
  const FloatTag d;
  size_t r = 0;
  for (; r + kLanes <= rows; r += kLanes) {
    size_t c = 0;
    for (; c + 4 <= columns; c += 4) {
      FloatVec out[4];
      LoadTransposed(x + r * ldx + c, ldx, out);
      for (size_t i = 0; i < 4; ++i) hn::StoreU(out[i], d, y + (c + i) * ldy + r);
    }
    for (; c < columns; ++c) {
      for (size_t i = 0; i < kLanes; ++i) y[c * ldy + r + i] = x[(r + i) * ldx + c];
    }
  }
  for (; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) y[c * ldy + r] = x[r * ldx + c];
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_SIMD_TRANSPOSE_INL_H_
