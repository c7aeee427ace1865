// The loops around the tiles of gemm_tile-inl.h. Order: rows in chunks of kMc, K in blocks of kKc,
// panels of B, tiles. A panel's block (kKc x kNr) stays in L1 for the tiles of a chunk, the chunk's
// block of A (kMc x kKc) in L2 for all panels.
//
// Share of the FMA peak on one Zen 5 core, 512 x 512 weights packed: 32 to 1024 rows 0.95 to 0.97
// (AVX2 0.92 to 0.97); from L3 64 rows 0.95, one row reads 110 GB/s. Measured and rejected:
// copying all blocks of A (-2%); 12 rows a tile (equal, a third more code); fetching B into L1
// rather than L2 while it is packed in passing (rows 2 KB apart evict each other: -5% in L2).
#include <cstddef>

#include "kernels/gemm_pack-inl.h"
#include "kernels/gemm_tile-inl.h"

#if defined(NF_KERNELS_GEMM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_GEMM_INL_H_
#undef NF_KERNELS_GEMM_INL_H_
#else
#define NF_KERNELS_GEMM_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

constexpr size_t kMc = 256;
// Columns whose panels are packed before a block of K is left (matrices that come unpacked). 512
// would keep them in L2, but C and A would be read more often: 2048 x 2048 x 2048 2% slower.
constexpr size_t kNc = 2048;

// A . B of few rows reads B in place, without a panel, if B's rows lie close (else every row is a
// page of its own): 32 x 512 x 512 0.95 of the FMA peak instead of 0.91; 128 rows 0.83 instead of
// 0.94, since rows 2 KB apart share a few sets of L1 and each tile reads B from L2.
constexpr size_t kInPlaceRows = 4 * kMr;
constexpr size_t kInPlaceStride = 1024;
// Rows of A that lie far apart (each in a page of its own, several in one set of the cache) are
// copied, block by block, if enough panels of B follow: 2048 x 2048 x 2048 0.93 of the FMA peak
// instead of 0.91; 1024 x 512 x 512 would lose 2% by it.
constexpr size_t kFarStride = 1024;
constexpr size_t kFarColumns = 8 * kNr;
// Stride of rows of A in scratch: no power of two, so that they spread over the cache's sets.
constexpr size_t kRowStride = kKc + 16;

// One K block of a product: what its tiles are derived from.
struct Block {
  TileArgs origin;  // of element (0, 0); a and b are left to the loops
  // An activation other than ReLU is applied to a tile after it was stored (and is still in L1):
  // inlined in every tile they would be most of the code.
  Activation activation = Activation::kNone;
};

HWY_INLINE Block MakeBlock(size_t p, size_t kc, size_t k, float* c, size_t ldc,
                           const GemmEpilogue& epilogue) {
  Block block{};
  TileArgs& t = block.origin;
  t.kc = kc;
  t.c = c;
  t.ldc = ldc;
  t.alpha = epilogue.alpha;
  t.first = p == 0 && !epilogue.accumulate;
  t.plain = true;
  if (p + kc < k) return block;
  t.bias = epilogue.bias;
  t.relu = epilogue.activation == Activation::kRelu;
  if (!t.relu) block.activation = epilogue.activation;
  t.plain = t.bias == nullptr && !t.relu;
  return block;
}

// The tile at row i, column j.
HWY_INLINE TileArgs TileAt(const Block& block, size_t i, size_t j) {
  TileArgs t = block.origin;
  t.c += i * t.ldc + j;
  if (t.bias != nullptr) t.bias += j;
  return t;
}

struct ActivateRow {
  template <Activation kAct>
  static HWY_INLINE void Run(float* y, size_t n) {
    ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
      lanes.Store(ActivateAs<kAct>(FloatTag(), lanes.Load(y + i)), y + i);
    });
  }
};

HWY_NOINLINE void ActivateTile(const Block& block, size_t i, size_t j, size_t rows,
                               size_t columns) {
  for (size_t row = i; row < i + rows; ++row) {
    float* y = block.origin.c + row * block.origin.ldc + j;
    WithActivation<ActivateRow>(block.activation, y, columns);
  }
}

HWY_INLINE void AfterTile(const Block& block, size_t i, size_t j, size_t rows, size_t columns) {
  if (HWY_UNLIKELY(block.activation != Activation::kNone)) {
    ActivateTile(block, i, j, rows, columns);
  }
}

// The columns of one panel and the operands of its tiles.
struct Column {
  size_t j, columns;
  FromA from_a;
  const float* a;  // of the first row
  size_t lda;
  FromB from_b;
  const float* b;
  size_t ldb;
  float* panel;  // kUserToPanel: where to
  // Blocks of kc rows of kNr floats to be fetched in advance: of B for the next column, and of A
  // for the next block of K; or nullptr.
  const float* ahead[2];
  size_t ahead_ld[2];
};

// Below so many tiles fetching ahead costs more than it saves: 32 x 512 x 512 is 2% slower with
// it, 64 x 2048 x 2048 20% faster, A^T . B of 256 x 1024 x 512 outside L2 7% faster.
constexpr size_t kAheadTiles = 8;

// Rows [i, i + m) of the columns of one panel. Rows of the user's A: tiles of nearly equal height,
// the higher ones first. A packed: tiles as they were packed, the last one has what remains.
void TileColumn(const Block& block, const Column& column, size_t i, size_t m) {
  const bool packed_a = column.from_a == FromA::kPacked;
  const size_t tiles = hwy::DivCeil(m, kMr);
  const size_t low = packed_a ? m - (tiles - 1) * kMr : m / tiles;
  const size_t high = packed_a ? kMr : low + 1;
  const size_t high_tiles = packed_a ? tiles - 1 : m - low * tiles;
  TileArgs t = TileAt(block, i, column.j);
  t.a = column.a;
  t.lda = column.lda;
  t.b = column.b;
  t.ldb = column.ldb;
  const size_t steps = hwy::DivCeil(t.kc, kAheadStep);  // of a tile
  const bool ahead = tiles >= kAheadTiles && column.ahead[0] != nullptr && steps != 0;

  const auto run = [&](FromB from_b, size_t count, size_t rows) {
    if (count == 0) return;
    TilesFor(column.from_a, from_b)[rows - 1](t, count, column.columns, column.panel);
    t.a += packed_a ? count * PackedTileOfA(t.kc) : count * rows * t.lda;
    t.c += count * rows * t.ldc;
    const size_t fetched = HWY_MIN(t.ahead_left, count * steps * t.ahead_rows);
    for (size_t f = 0; f < 2; ++f) {
      if (t.ahead[f] != nullptr) t.ahead[f] += fetched * t.ahead_ld[f];
    }
    t.ahead_left -= fetched;
  };
  size_t left_high = high_tiles, left_low = tiles - high_tiles;
  FromB from_b = column.from_b;
  if (from_b == FromB::kUserToPanel) {
    run(from_b, 1, left_high != 0 ? high : low);
    --(left_high != 0 ? left_high : left_low);
    from_b = FromB::kPanel;
    t.b = column.panel;
  }
  if (ahead) {
    for (size_t f = 0; f < 2; ++f) {
      t.ahead[f] = column.ahead[f];
      t.ahead_ld[f] = column.ahead_ld[f];
    }
    t.ahead_left = t.kc;
    t.ahead_rows = hwy::DivCeil(t.kc, steps * (left_high + left_low));
  }
  run(from_b, left_high, high);
  run(from_b, left_low, low);
  AfterTile(block, i, column.j, m, column.columns);
}

// m <= kFewRows rows of as many columns from j on as fill wide tiles; returns the first column that
// is left. Row p of B's panel number q: b + q * panel_stride + p * ldb.
size_t WideColumns(size_t m, size_t k, const float* a, size_t lda, const float* b, size_t ldb,
                   size_t panel_stride, float* c, size_t ldc, size_t j, size_t n_end,
                   const GemmEpilogue& epilogue) {
  const size_t width = PanelsOfWideTile(m) * kNr;
  for (; j + width <= n_end; j += width) {
    size_t p = 0;
    do {  // also when k = 0
      const size_t kc = HWY_MIN(kKc, k - p);
      const Block block = MakeBlock(p, kc, k, c, ldc, epilogue);
      TileArgs t = TileAt(block, 0, j);
      t.a = a + p;
      t.lda = lda;
      t.b = b + j / kNr * panel_stride + p * ldb;
      t.ldb = ldb;
      kWideTiles[m - 1](t, panel_stride);
      AfterTile(block, 0, j, m, width);
      p += kc;
    } while (p < k);
  }
  return j;
}

// Panel j / kNr of a packed matrix, k x kNr, begins at j * k.
void Packed(size_t m, size_t n, size_t k, const float* a, size_t lda, const float* packed, float* c,
            size_t ldc, const GemmEpilogue& epilogue) {
  size_t n_begin = 0;
  if (m - 1 < kFewRows) {
    n_begin = WideColumns(m, k, a, lda, packed, kNr, k * kNr, c, ldc, 0, n, epilogue);
  }
  for (size_t i = 0; i < m; i += kMc) {
    size_t p = 0;
    do {  // also when k = 0
      const size_t kc = HWY_MIN(kKc, k - p);
      const Block block = MakeBlock(p, kc, k, c, ldc, epilogue);
      for (size_t j = n_begin; j < n; j += kNr) {
        Column column{};
        column.j = j;
        column.columns = HWY_MIN(kNr, n - j);
        column.a = a + i * lda + p;
        column.lda = lda;
        column.b = packed + j * k + p * kNr;
        column.ldb = kNr;
        if (j + kNr < n) column.ahead[0] = column.b + k * kNr;
        column.ahead_ld[0] = kNr;
        TileColumn(block, column, i, HWY_MIN(kMc, m - i));
      }
      p += kc;
    } while (p < k);
  }
}

size_t PackedSize(size_t k, size_t n) { return hwy::RoundUpTo(hwy::RoundUpTo(n, kNr) * k, 16); }

void Pack(Trans trans, const float* b, size_t ldb, size_t k, size_t n, size_t n_begin, size_t n_end,
          float* packed) {
  for (size_t j = n_begin; j < n_end; j += kNr) {
    PackPanel(trans, b, ldb, 0, k, j, HWY_MIN(kNr, n - j), packed + j * k);
  }
}

// Floats for a block of A as rows, or of A^T packed or, if it has few rows, as rows.
size_t ScratchOfA(Trans ta, size_t m, size_t k) {
  m = HWY_MIN(m, kMc);
  if (ta == Trans::kNo) return m * kRowStride;
  const size_t packed = hwy::DivCeil(m, kMr) * PackedTileOfA(HWY_MIN(k, kKc));
  const size_t as_rows = HWY_MIN(m, kInPlaceRows) * kRowStride;
  return hwy::RoundUpTo(HWY_MAX(packed, as_rows), 16);
}

// One panel if the rows are one chunk, otherwise all of a block of B.
size_t ScratchOfB(size_t m, size_t n, size_t k) {
  const size_t columns = m <= kMc ? kNr : hwy::RoundUpTo(HWY_MIN(n, kNc), kNr);
  return columns * HWY_MIN(k, kKc);
}

size_t ScratchSize(Trans ta, Trans, size_t m, size_t n, size_t k) {
  return ScratchOfA(ta, m, k) + ScratchOfB(m, n, k);
}

// One K block of columns [j_begin, j_end) of C, all rows: what Gemm does inside its outer loops.
struct RawBlock {
  Trans ta, tb;
  size_t m, n;
  const float* a;  // op(A) from the block's first product on
  size_t lda;
  const float* b;  // op(B) from the block's first product on
  size_t ldb;
  const float* next_a;  // of the next block, or nullptr
  const float* next_b;
  float* rows;    // scratch for A
  float* panels;  // and for B
};

bool ReadsBInPlace(const RawBlock& r) {
  return r.tb == Trans::kNo && r.m <= kInPlaceRows && r.ldb <= kInPlaceStride;
}

// A's operands of rows [i, i + rows).
void SetA(const RawBlock& r, size_t kc, size_t i, size_t rows, Column& column) {
  column.from_a = FromA::kUser;
  if (r.ta == Trans::kNo && r.lda >= kFarStride && r.n >= kFarColumns) {
    CopyRows(r.a + i * r.lda, r.lda, rows, kc, r.rows, kRowStride);
    column.a = r.rows;
    column.lda = kRowStride;
    return;
  }
  if (r.ta == Trans::kNo) {
    column.a = r.a + i * r.lda;
    column.lda = r.lda;
    return;
  }
  column.a = r.rows;
  if (ReadsBInPlace(r)) {
    Transpose(r.a + i, r.lda, kc, rows, r.rows, kRowStride);
    column.lda = kRowStride;
  } else {
    PackTransposedA(r.a + i, r.lda, kc, rows, r.rows);
    column.from_a = FromA::kPacked;
  }
}

// B's operands of the column at j; packs its panel where that cannot be done in passing.
void SetB(const RawBlock& r, size_t kc, size_t i, size_t j_begin, size_t j, Column& column) {
  column.panel = r.m <= kMc ? r.panels : r.panels + (j - j_begin) * kc;
  column.from_b = FromB::kPanel;
  column.b = column.panel;
  column.ldb = kNr;
  if (i != 0) return;
  if (r.tb == Trans::kYes || column.columns < kNr) {
    PackPanel(r.tb, r.b, r.ldb, 0, kc, j, column.columns, column.panel);
    return;
  }
  column.from_b = ReadsBInPlace(r) ? FromB::kUser : FromB::kUserToPanel;
  column.b = r.b + j;
  column.ldb = r.ldb;
}

// What the column at j fetches ahead: B's panel of the next column; while panels are being made,
// the user's B of the next column (after the last one, of the next block) and strips of the next
// block of A^T.
void SetAhead(const RawBlock& r, size_t kc, size_t i, size_t j_begin, size_t j_end, size_t j,
              Column& column) {
  if (i != 0) {  // the next panel
    if (j + kNr < j_end) column.ahead[0] = column.b + kNr * kc;
    column.ahead_ld[0] = kNr;
    return;
  }
  if (column.from_b != FromB::kUserToPanel) return;
  column.ahead_ld[0] = r.ldb;
  column.ahead_ld[1] = r.lda;
  if (j + 2 * kNr <= j_end) {
    column.ahead[0] = column.b + kNr;
  } else if (r.next_b != nullptr) {
    column.ahead[0] = r.next_b + j_begin;
  }
  if (r.ta == Trans::kYes && r.next_a != nullptr && j - j_begin < HWY_MIN(kMc, r.m - i)) {
    column.ahead[1] = r.next_a + i + (j - j_begin);
  }
}

void RunRawBlock(const RawBlock& r, const Block& block, size_t j_begin, size_t j_end) {
  const size_t kc = block.origin.kc;
  for (size_t i = 0; i < r.m; i += kMc) {
    const size_t rows = HWY_MIN(kMc, r.m - i);
    Column column{};
    SetA(r, kc, i, rows, column);
    for (size_t j = j_begin; j < j_end; j += kNr) {
      column.j = j;
      column.columns = HWY_MIN(kNr, r.n - j);
      column.ahead[0] = column.ahead[1] = nullptr;
      SetB(r, kc, i, j_begin, j, column);
      SetAhead(r, kc, i, j_begin, j_end, j, column);
      TileColumn(block, column, i, rows);
    }
  }
}

void Gemm(Trans ta, Trans tb, size_t m, size_t n, size_t k, const float* a, size_t lda,
          const float* b, size_t ldb, float* c, size_t ldc, const GemmEpilogue& epilogue,
          float* scratch) {
  size_t j = 0;
  if (ta == Trans::kNo && tb == Trans::kNo && m - 1 < kFewRows) {
    j = WideColumns(m, k, a, lda, b, ldb, kNr, c, ldc, 0, n, epilogue);
  }
  const size_t a_step = ta == Trans::kNo ? 1 : lda;
  const size_t b_step = tb == Trans::kNo ? ldb : 1;
  RawBlock raw{ta, tb, m, n, nullptr, lda, nullptr, ldb, nullptr, nullptr, scratch, nullptr};
  raw.panels = scratch + ScratchOfA(ta, m, k);
  for (; j < n; j += kNc) {
    size_t p = 0;
    do {  // also when k = 0
      const size_t kc = HWY_MIN(kKc, k - p);
      raw.a = a + p * a_step;
      raw.b = b + p * b_step;
      const bool more = p + kc < k;
      raw.next_a = more ? raw.a + kc * a_step : nullptr;
      raw.next_b = more ? raw.b + kc * b_step : nullptr;
      RunRawBlock(raw, MakeBlock(p, kc, k, c, ldc, epilogue), j, HWY_MIN(n, j + kNc));
      p += kc;
    } while (p < k);
  }
}

// Enough independent sums for any machine's latency times its multiply-adds a cycle (8 on Zen 5 and
// Golden Cove, 10 on Haswell), in registers.
double FmaProbe(size_t iterations) {
  constexpr size_t kSums = kManyRegisters ? 24 : 12;
  const FloatTag d;
  volatile float factor = 0.999f, term = 1e-3f;  // unknown to the compiler
  const FloatVec x = hn::Set(d, factor), y = hn::Set(d, term);
  FloatVec sum[kSums];
#pragma GCC unroll 24
  for (size_t i = 0; i < kSums; ++i) sum[i] = hn::Set(d, static_cast<float>(i));
  for (size_t r = 0; r < iterations; ++r) {
#pragma GCC unroll 24
    for (size_t i = 0; i < kSums; ++i) sum[i] = hn::MulAdd(sum[i], x, y);
  }
  FloatVec total = sum[0];
#pragma GCC unroll 24
  for (size_t i = 1; i < kSums; ++i) total = hn::Add(total, sum[i]);
  volatile float sink = hn::GetLane(total);
  static_cast<void>(sink);
  return 2.0 * kSums * kLanes * static_cast<double>(iterations);
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_GEMM_INL_H_
