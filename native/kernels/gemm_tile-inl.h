// Register tiles of C: the inner loops of gemm-inl.h.
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/activations-inl.h"
#include "kernels/gemm.h"
#include "simd/loop-inl.h"
#include "simd/register_tile-inl.h"

#if defined(NF_KERNELS_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_GEMM_TILE_INL_H_
#undef NF_KERNELS_GEMM_TILE_INL_H_
#else
#define NF_KERNELS_GEMM_TILE_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr bool kManyRegisters = kMr == 8;

// One K block of some tiles. C = act(alpha * A.B + what C held, unless first + bias); the last two
// only in the last block.
struct TileArgs {
  size_t kc;       // products: A is rows x kc, B is kc x columns
  const float* a;  // row i at a + i * lda
  size_t lda;
  const float* b;  // row p at b + p * ldb: a packed panel (ldb = kNr), or the user's matrix
  size_t ldb;
  float* c;  // row i at c + i * ldc
  size_t ldc;
  float alpha;
  bool first;         // C holds nothing yet
  bool plain;         // no bias, no ReLU
  bool relu;          // (last block)
  const float* bias;  // at the tile's first column, or nullptr
  // What the next tiles need, fetched into L2 on the way: every kAheadStep products ahead_rows
  // rows of kNr floats, ahead_left in all, of two matrices (nullptr: of none).
  const float* ahead[2];
  size_t ahead_ld[2];
  size_t ahead_rows, ahead_left;
};

// What becomes of sums of products, vector by vector. Every path to C computes exactly this, the
// same operations in the same order whatever the shape of the tile. The scale is a MulAdd even
// where C holds nothing, so that the compiler finds no product to contract with an addition in one
// variant and not in another.
struct Finish {
  explicit HWY_INLINE Finish(const TileArgs& t)
      : alpha(hn::Set(FloatTag(), t.alpha)),
        floor(hn::Set(FloatTag(), t.relu ? 0.0f : -std::numeric_limits<float>::infinity())) {}
  HWY_INLINE FloatVec Scaled(FloatVec sum, FloatVec held) const {
    return hn::MulAdd(alpha, sum, held);
  }
  // Unless `plain`. ReLU where floor is 0; a NaN stays.
  HWY_INLINE FloatVec Biased(FloatVec y, FloatVec bias) const {
    y = hn::Add(y, bias);
    return hn::IfThenZeroElse(hn::Lt(y, floor), y);
  }
  FloatVec alpha, floor;
};

// The right edge of C: the sums of a tile lie in `sums` (rows x kNr), `columns` < kNr of them
// count.
HWY_NOINLINE void FinishEdge(const TileArgs& t, size_t row, const float* HWY_RESTRICT sums,
                             size_t rows, size_t columns) {
  const FloatTag d;
  const Finish finish(t);
  for (size_t i = row; i < row + rows; ++i, sums += kNr) {
    ForLanes(columns, [=, &t, &finish](size_t j, auto lanes) HWY_ATTR {
      float* c = t.c + i * t.ldc + j;
      FloatVec y = finish.Scaled(hn::Load(d, sums + j), t.first ? hn::Zero(d) : lanes.Load(c));
      if (!t.plain) {
        y = finish.Biased(y, t.bias == nullptr ? hn::Zero(d) : lanes.Load(t.bias + j));
      }
      lanes.Store(y, c);
    });
  }
}

// kRows rows of kVectors full vectors of C, from row `row` on.
template <size_t kRows, size_t kVectors>
HWY_INLINE void FinishTile(const TileArgs& t, size_t row, const FloatVec (&sum)[kRows][kVectors]) {
  const FloatTag d;
  const Finish finish(t);
  const size_t ldc = t.ldc;
  float* c = t.c + row * ldc;
  if (t.plain && t.first) {
#pragma GCC unroll 8
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 8
      for (size_t v = 0; v < kVectors; ++v) {
        hn::StoreU(finish.Scaled(sum[i][v], hn::Zero(d)), d, c + i * ldc + v * kLanes);
      }
    }
    return;
  }
  if (t.plain) {
#pragma GCC unroll 8
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 8
      for (size_t v = 0; v < kVectors; ++v) {
        float* to = c + i * ldc + v * kLanes;
        hn::StoreU(finish.Scaled(sum[i][v], hn::LoadU(d, to)), d, to);
      }
    }
    return;
  }
  const bool first = t.first;
#pragma GCC unroll 8
  for (size_t v = 0; v < kVectors; ++v) {
    const FloatVec bias = t.bias == nullptr ? hn::Zero(d) : hn::LoadU(d, t.bias + v * kLanes);
#pragma GCC unroll 8
    for (size_t i = 0; i < kRows; ++i) {
      float* to = c + i * ldc + v * kLanes;
      const FloatVec y = finish.Scaled(sum[i][v], first ? hn::Zero(d) : hn::LoadU(d, to));
      hn::StoreU(finish.Biased(y, bias), d, to);
    }
  }
}

// A^T is packed as tiles of A: one row a product, kPackedRows floats apart.
constexpr size_t kPackedRows = hwy::RoundUpTo(kMr, 4);
constexpr size_t PackedTileOfA(size_t kc) { return kc * kPackedRows + 16; }

constexpr size_t kAheadStep = 16;

// Where A's rows come from, the user's matrix or tiles of PackTransposedA, and B's: a panel, the
// user's matrix, or that matrix while its rows are stored to a panel in passing, for the tiles that
// follow (two stores a step, which hide behind 2 * kRows multiply-adds).
enum class FromA { kUser, kPacked };
enum class FromB { kPanel, kUser, kUserToPanel };

// `tiles` tiles of kRows x kNr elements of C below each other. `columns` <= kNr of C exist; B has
// all kNr.
template <size_t kRows, FromA kFromA, FromB kFromB>
HWY_NOINLINE void Tiles(const TileArgs& t, size_t tiles, size_t columns,
                        float* HWY_RESTRICT panel) {
  constexpr bool kPackedA = kFromA == FromA::kPacked;
  const FloatTag d;
  const size_t kc = t.kc;
  const size_t lda = kPackedA ? 1 : t.lda;
  const size_t a_step = kPackedA ? kPackedRows : 1;
  const size_t ldb = kFromB == FromB::kPanel ? kNr : t.ldb;
  const float* HWY_RESTRICT a_tile = t.a;
  const float* ahead0 = t.ahead[0];
  const float* ahead1 = t.ahead[1];
  size_t ahead_left = t.ahead_left;
  for (size_t row = 0; row < tiles * kRows; row += kRows) {
    FloatVec sum[kRows][2];
#pragma GCC unroll 8
    for (size_t i = 0; i < kRows; ++i) sum[i][0] = sum[i][1] = hn::Zero(d);
    const float* HWY_RESTRICT a = a_tile;
    const float* HWY_RESTRICT b = t.b;
    if (!t.first) {  // 2048 x 2048 x 2048 is 3% faster with it
      for (size_t i = row; i < row + kRows; ++i) {
        __builtin_prefetch(t.c + i * t.ldc, 1);
        __builtin_prefetch(t.c + i * t.ldc + kLanes, 1);
      }
    }
    for (size_t p = 0; p < kc;) {
      for (size_t r = HWY_MIN(t.ahead_rows, ahead_left); r != 0; --r, --ahead_left) {
        __builtin_prefetch(ahead0, 0, 2);
        __builtin_prefetch(ahead0 + kLanes, 0, 2);
        ahead0 += t.ahead_ld[0];
        if (ahead1 == nullptr) continue;
        __builtin_prefetch(ahead1, 0, 2);
        __builtin_prefetch(ahead1 + kLanes, 0, 2);
        ahead1 += t.ahead_ld[1];
      }
      for (const size_t end = HWY_MIN(kc, p + kAheadStep); p < end; ++p) {
        const FloatVec b0 = hn::LoadU(d, b);
        const FloatVec b1 = hn::LoadU(d, b + kLanes);
        if constexpr (kFromB == FromB::kUserToPanel) {
          hn::Store(b0, d, panel);
          hn::Store(b1, d, panel + kLanes);
          panel += kNr;
        }
        b += ldb;
#pragma GCC unroll 8
        for (size_t i = 0; i < kRows; ++i) {
          const FloatVec x = hn::Set(d, a[i * lda]);
          sum[i][0] = hn::MulAdd(x, b0, sum[i][0]);
          sum[i][1] = hn::MulAdd(x, b1, sum[i][1]);
        }
        a += a_step;
      }
    }
    a_tile += kPackedA ? PackedTileOfA(kc) : kRows * lda;
    if (HWY_LIKELY(columns == kNr)) {
      FinishTile(t, row, sum);
    } else {
      HWY_ALIGN float sums[kRows * kNr];
#pragma GCC unroll 8
      for (size_t i = 0; i < kRows; ++i) {
        hn::Store(sum[i][0], d, sums + i * kNr);
        hn::Store(sum[i][1], d, sums + i * kNr + kLanes);
      }
      FinishEdge(t, row, sums, kRows, columns);
    }
  }
}

using TilesFunction = void (*)(const TileArgs&, size_t tiles, size_t columns, float* panel);
using TilesTable = std::array<TilesFunction, kMr>;  // at rows - 1

template <FromA kFromA, FromB kFromB, size_t... kIndex>
constexpr TilesTable MakeTilesTable(std::index_sequence<kIndex...>) {
  return {&Tiles<kIndex + 1, kFromA, kFromB>...};
}
template <FromA kFromA, FromB kFromB>
constexpr TilesTable kTilesTable = MakeTilesTable<kFromA, kFromB>(std::make_index_sequence<kMr>());

// A^T . B never reads B in place.
constexpr const TilesTable& TilesFor(FromA from_a, FromB from_b) {
  if (from_a == FromA::kPacked) {
    return from_b == FromB::kPanel ? kTilesTable<FromA::kPacked, FromB::kPanel>
                                   : kTilesTable<FromA::kPacked, FromB::kUserToPanel>;
  }
  if (from_b == FromB::kPanel) return kTilesTable<FromA::kUser, FromB::kPanel>;
  return from_b == FromB::kUser ? kTilesTable<FromA::kUser, FromB::kUser>
                                : kTilesTable<FromA::kUser, FromB::kUserToPanel>;
}

// A few rows: the loads of B decide, and one panel has too few sums to hide the latency of the
// multiply-adds. These tiles walk several panels at once, `panel_stride` floats apart.
constexpr size_t kFewRows = 4;

constexpr size_t PanelsOfWideTile(size_t rows) {
  if (rows == 1) return 4;
  if (kManyRegisters) return rows == 2 ? 4 : 2;
  return rows < 4 ? 2 : 1;
}

template <size_t kRows>
HWY_NOINLINE void WideTile(const TileArgs& t, size_t panel_stride) {
  constexpr size_t kVectors = 2 * PanelsOfWideTile(kRows);
  const FloatTag d;
  FloatVec sum[kRows][kVectors];
#pragma GCC unroll 8
  for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) sum[i][v] = hn::Zero(d);
  }
  const float* HWY_RESTRICT a = t.a;
  const float* HWY_RESTRICT b = t.b;
  const size_t lda = t.lda, ldb = t.ldb;
  for (size_t p = t.kc; p != 0; --p) {
    FloatVec x[kRows];
#pragma GCC unroll 8
    for (size_t i = 0; i < kRows; ++i) x[i] = hn::Set(d, a[i * lda]);
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) {
      const FloatVec bv = hn::LoadU(d, b + (v / 2) * panel_stride + (v % 2) * kLanes);
#pragma GCC unroll 8
      for (size_t i = 0; i < kRows; ++i) sum[i][v] = hn::MulAdd(x[i], bv, sum[i][v]);
    }
    ++a;
    b += ldb;
  }
  FinishTile(t, 0, sum);
}

using WideTileFunction = void (*)(const TileArgs&, size_t panel_stride);
constexpr WideTileFunction kWideTiles[kFewRows] = {&WideTile<1>, &WideTile<2>, &WideTile<3>,
                                                   &WideTile<4>};

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_GEMM_TILE_INL_H_
