// Products of small blocks that stay in the cache: C[m x n] = start + A . B, B in panels of kNr
// columns, A addressed by two strides, so that A^T costs nothing. For kernels that multiply what
// they just made; whole matrices go through gemm.h.
//
// Every element of C is its start plus the products in ascending k, whatever the tile: its bits do
// not depend on m, n or its position.
#include <cstddef>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "simd/loop-inl.h"
#include "simd/register_tile-inl.h"
#include "simd/transpose-inl.h"

#if defined(NF_KERNELS_BLOCK_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_BLOCK_PRODUCT_INL_H_
#undef NF_KERNELS_BLOCK_PRODUCT_INL_H_
#else
#define NF_KERNELS_BLOCK_PRODUCT_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Where C starts: at zero, at what it holds, or at what it holds times a factor a row.
enum class Start { kZero, kHeld, kScaled };

struct BlockProduct {
  size_t m, n, k;  // n: a multiple of kLanes
  const float* a;  // A(i, p) at a + i * a_row + p * a_step
  size_t a_row, a_step;
  const float* b;  // panel j / kNr at b + j * b_rows: [b_rows, kNr]
  size_t b_rows;   // >= k
  float* c;        // row i at c + i * ldc
  size_t ldc;
  const float* factors = nullptr;  // [m] for Start::kScaled
};

// Rows [i, i + kRows) and kVectors vectors from column j on.
template <Start kStart, size_t kRows, size_t kVectors>
HWY_INLINE void ProductTile(const BlockProduct& t, size_t i, size_t j) {
  const FloatTag d;
  const size_t ldc = t.ldc, a_row = t.a_row, a_step = t.a_step;
  float* HWY_RESTRICT c = t.c + i * ldc + j;
  FloatVec sum[kRows][kVectors];
#pragma GCC unroll 8
  for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) {
      if constexpr (kStart == Start::kZero) {
        sum[r][v] = hn::Zero(d);
      } else {
        sum[r][v] = hn::LoadU(d, c + r * ldc + v * kLanes);
      }
      if constexpr (kStart == Start::kScaled) {
        sum[r][v] = hn::Mul(sum[r][v], hn::Set(d, t.factors[i + r]));
      }
    }
  }
  const float* HWY_RESTRICT a = t.a + i * a_row;
  const float* HWY_RESTRICT b = t.b + j / kNr * kNr * t.b_rows;
  for (size_t p = t.k; p != 0; --p) {
    FloatVec bv[kVectors];
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) bv[v] = hn::LoadU(d, b + v * kLanes);
#pragma GCC unroll 8
    for (size_t r = 0; r < kRows; ++r) {
      const FloatVec x = hn::Set(d, a[r * a_row]);
#pragma GCC unroll 2
      for (size_t v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(x, bv[v], sum[r][v]);
    }
    a += a_step;
    b += kNr;
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) hn::StoreU(sum[r][v], d, c + r * ldc + v * kLanes);
  }
}

template <Start kStart, size_t kVectors>
HWY_INLINE void ProductColumns(const BlockProduct& t, size_t j) {
  size_t i = 0;
  for (; i + kMr <= t.m; i += kMr) ProductTile<kStart, kMr, kVectors>(t, i, j);
  if constexpr (kMr > 4) {
    if (i + 4 <= t.m) ProductTile<kStart, 4, kVectors>(t, i, j), i += 4;
  }
  if (i + 2 <= t.m) ProductTile<kStart, 2, kVectors>(t, i, j), i += 2;
  if (i < t.m) ProductTile<kStart, 1, kVectors>(t, i, j);
}

template <Start kStart>
HWY_NOINLINE inline void Multiply(const BlockProduct& t) {
  size_t j = 0;
  for (; j + kNr <= t.n; j += kNr) ProductColumns<kStart, 2>(t, j);
  if (j < t.n) ProductColumns<kStart, 1>(t, j);
}

// B = X^T for X [n, k] of row stride ldx: to panels of k rows. The last vector's columns from n on
// become zero.
inline void PanelsOfTransposed(const float* x, size_t ldx, size_t n, size_t k, float* panels) {
  const FloatTag d;
  for (size_t j = 0; j < n; j += kNr, x += kNr * ldx, panels += kNr * k) {
    const size_t columns = HWY_MIN(kNr, n - j);
    if (columns % kLanes != 0) {
      float* last = panels + columns / kLanes * kLanes;
      for (size_t p = 0; p < k; ++p) hn::StoreU(hn::Zero(d), d, last + p * kNr);
    }
    Transpose(x, ldx, columns, k, panels, kNr);
  }
}

// B = X [k, n] of row stride ldx: to panels of k rows. The last vector's columns from n on become
// zero.
inline void PanelsOf(const float* x, size_t ldx, size_t k, size_t n, float* panels) {
  const FloatTag d;
  for (size_t j = 0; j < n; j += kNr, panels += kNr * k) {
    const size_t columns = HWY_MIN(kNr, n - j);
    for (size_t p = 0; p < k; ++p) {
      ForLanes(columns, [=](size_t c, auto lanes) HWY_ATTR {
        hn::StoreU(lanes.Load(x + p * ldx + j + c), d, panels + p * kNr + c);
      });
    }
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_BLOCK_PRODUCT_INL_H_
