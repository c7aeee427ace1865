// Packing for gemm-inl.h: panels of B, and A^T turned into rows.
#include <cstddef>

#include "kernels/gemm_tile-inl.h"
#include "simd/transpose-inl.h"

#if defined(NF_KERNELS_GEMM_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_GEMM_PACK_INL_H_
#undef NF_KERNELS_GEMM_PACK_INL_H_
#else
#define NF_KERNELS_GEMM_PACK_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

// y[r * ldy + c] = x[r * ldx + c] for `rows` x `columns` of x.
HWY_NOINLINE void CopyRows(const float* HWY_RESTRICT x, size_t ldx, size_t rows, size_t columns,
                           float* HWY_RESTRICT y, size_t ldy) {
  for (size_t r = 0; r < rows; ++r, x += ldx, y += ldy) {
    ForLanes(columns,
             [=](size_t c, auto lanes) HWY_ATTR { lanes.Store(lanes.Load(x + c), y + c); });
  }
}

// Packs columns [0, m) of A, kc rows of stride lda, as the tiles of A^T.
HWY_NOINLINE void PackTransposedA(const float* HWY_RESTRICT a, size_t lda, size_t kc, size_t m,
                                  float* HWY_RESTRICT packed) {
  const hn::CappedTag<float, kPackedRows> d;
  constexpr size_t kStep = hn::MaxLanes(d);
  for (size_t p = 0; p < kc; ++p, a += lda, packed += kPackedRows) {
    float* to = packed;
    size_t i = 0;
    for (; i + kPackedRows <= m; i += kMr, to += PackedTileOfA(kc)) {
      for (size_t v = 0; v < kPackedRows; v += kStep)
        hn::StoreU(hn::LoadU(d, a + i + v), d, to + v);
    }
    for (; i < m; i += kMr, to += PackedTileOfA(kc)) {
      for (size_t v = 0; v < HWY_MIN(kMr, m - i); ++v) to[v] = a[i + v];
    }
  }
}

// Rows [p, p + kc) and columns [j, j + columns) of op(B) to a panel, kc x kNr; columns that do not
// exist become zero.
HWY_NOINLINE void PackPanel(Trans trans, const float* HWY_RESTRICT b, size_t ldb, size_t p,
                            size_t kc, size_t j, size_t columns, float* HWY_RESTRICT panel) {
  const FloatTag d;
  if (trans == Trans::kYes) {
    if (columns < kNr) {
      for (size_t i = 0; i < kc * kNr; i += kLanes) hn::Store(hn::Zero(d), d, panel + i);
    }
    Transpose(b + j * ldb + p, ldb, columns, kc, panel, kNr);
    return;
  }
  const float* HWY_RESTRICT from = b + p * ldb + j;
  if (HWY_LIKELY(columns == kNr)) {
    for (size_t i = 0; i < kc; ++i, from += ldb, panel += kNr) {
      hn::Store(hn::LoadU(d, from), d, panel);
      hn::Store(hn::LoadU(d, from + kLanes), d, panel + kLanes);
    }
    return;
  }
  const size_t count0 = HWY_MIN(columns, kLanes);
  const size_t count1 = columns - count0;
  for (size_t i = 0; i < kc; ++i, from += ldb, panel += kNr) {
    hn::Store(hn::LoadN(d, from, count0), d, panel);
    hn::Store(hn::LoadN(d, from + count0, count1), d, panel + kLanes);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_GEMM_PACK_INL_H_
