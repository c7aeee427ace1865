// The loops around the tiles of gemm_tile-inl.h. Order: rows in chunks of kMc, K in blocks of kKc,
// panels of B, tiles. A panel's block (kKc x kNr) stays in L1 for the tiles of a chunk, the chunk's
// block of A (kMc x kKc) in L2 for all panels.
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
// Columns whose panels are packed before a block of A is left (matrices that come unpacked).
constexpr size_t kNc = 512;

// One K block of a product: what its tiles are derived from.
struct Block {
  TileArgs origin;  // of element (0, 0); a and b are left to the loops
  // An activation other than ReLU is applied to a tile after it was stored (and is still in L1),
  // and the residual then: inlined in every tile they would be most of the code.
  Activation activation = Activation::kNone;
  const float* residual = nullptr;
  size_t residual_ld = 0;
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
  if (t.relu || epilogue.activation == Activation::kNone) {
    t.residual = epilogue.residual;
    t.residual_ld = epilogue.residual_ld;
  } else {
    block.activation = epilogue.activation;
    block.residual = epilogue.residual;
    block.residual_ld = epilogue.residual_ld;
  }
  t.plain = t.bias == nullptr && t.residual == nullptr && !t.relu;
  return block;
}

// The tile at row i, column j.
HWY_INLINE TileArgs TileAt(const Block& block, size_t i, size_t j) {
  TileArgs t = block.origin;
  t.c += i * t.ldc + j;
  if (t.bias != nullptr) t.bias += j;
  if (t.residual != nullptr) t.residual += i * t.residual_ld + j;
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
    if (block.residual == nullptr) continue;
    const float* residual = block.residual + row * block.residual_ld + j;
    ForLanes(columns, [=](size_t c, auto lanes) HWY_ATTR {
      lanes.Store(hn::Add(lanes.Load(y + c), lanes.Load(residual + c)), y + c);
    });
  }
}

HWY_INLINE void AfterTile(const Block& block, size_t i, size_t j, size_t rows, size_t columns) {
  if (HWY_UNLIKELY(block.activation != Activation::kNone)) {
    ActivateTile(block, i, j, rows, columns);
  }
}

// The columns of one panel, the operands of its tiles, and what comes next.
struct Column {
  size_t j, columns;
  const float* b;  // a panel, or the user's matrix
  size_t ldb;
  float* copy;  // where to put the panel if b is the user's matrix, or nullptr
  // Blocks of kc rows of kNr floats to be fetched in advance: of B for the next column, and of A
  // for the next block of K; or nullptr.
  const float* ahead[2];
  size_t ahead_ld[2];
};

// Rows [i, i + m). A's rows: tiles of nearly equal height, the higher ones first. A packed: tiles
// as they were packed, the last one has what remains.
void TileColumn(const Block& block, const Column& column, size_t i, size_t m, const float* a,
                size_t lda, bool packed_a) {
  const size_t tiles = hwy::DivCeil(m, kMr);
  const size_t low = packed_a ? m - (tiles - 1) * kMr : m / tiles;
  const size_t high = packed_a ? kMr : low + 1;
  const size_t high_tiles = packed_a ? tiles - 1 : m - low * tiles;
  TileArgs t = TileAt(block, i, column.j);
  t.lda = lda;
  const size_t steps = (tiles - (column.copy != nullptr)) * hwy::DivCeil(t.kc, kAheadStep);
  if (column.ahead[0] != nullptr && steps != 0) {
    for (size_t f = 0; f < 2; ++f) {
      t.ahead[f] = column.ahead[f];
      t.ahead_ld[f] = column.ahead_ld[f];
    }
    t.ahead_rows = hwy::DivCeil(t.kc, steps);
    t.ahead_left = t.kc;
  }
  size_t tile = 0;
  const auto run = [&](bool copy, size_t end) {
    if (tile == end) return;
    const size_t rows = tile < high_tiles ? high : low;
    const size_t done = tile * low + HWY_MIN(tile, high_tiles) * (high - low);
    TileArgs u = t;
    u.c += done * t.ldc;
    if (u.residual != nullptr) u.residual += done * t.residual_ld;
    u.a = packed_a ? a + tile * PackedTileOfA(t.kc) : a + done * lda;
    u.b = copy || column.copy == nullptr ? column.b : column.copy;
    u.ldb = column.ldb;
    if (copy) u.ahead_left = 0;
    const size_t source = (packed_a ? 2 : 0) + (copy ? 1 : 0);
    kTiles[source][rows - 1](u, end - tile, column.columns, column.copy);
    if (!copy) {
      const size_t fetched =
          HWY_MIN(t.ahead_left, t.ahead_rows * (end - tile) * hwy::DivCeil(t.kc, kAheadStep));
      t.ahead[0] += fetched * t.ahead_ld[0];
      if (t.ahead[1] != nullptr) t.ahead[1] += fetched * t.ahead_ld[1];
      t.ahead_left -= fetched;
    }
    tile = end;
  };
  if (column.copy != nullptr) run(true, 1);
  if (tile < high_tiles) run(false, high_tiles);
  run(false, tiles);
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
void PackedColumns(size_t m, size_t n, size_t k, const float* a, size_t lda, const float* packed,
                   float* c, size_t ldc, size_t n_begin, size_t n_end,
                   const GemmEpilogue& epilogue) {
  if (m - 1 < kFewRows) {
    n_begin = WideColumns(m, k, a, lda, packed, kNr, k * kNr, c, ldc, n_begin, n_end, epilogue);
  }
  for (size_t i = 0; i < m; i += kMc) {
    size_t p = 0;
    do {  // also when k = 0
      const size_t kc = HWY_MIN(kKc, k - p);
      const Block block = MakeBlock(p, kc, k, c, ldc, epilogue);
      for (size_t j = n_begin; j < n_end; j += kNr) {
        const float* panel = packed + j * k + p * kNr;
        const float* ahead = j + kNr < n_end ? panel + k * kNr : nullptr;
        const Column column{j,       HWY_MIN(kNr, n - j), panel,   kNr,
                            nullptr, {ahead, nullptr},    {kNr, 0}};
        TileColumn(block, column, i, HWY_MIN(kMc, m - i), a + i * lda + p, lda, false);
      }
      p += kc;
    } while (p < k);
  }
}

void Packed(size_t m, size_t n, size_t k, const float* a, size_t lda, const float* packed, float* c,
            size_t ldc, const GemmEpilogue& epilogue) {
  PackedColumns(m, n, k, a, lda, packed, c, ldc, 0, n, epilogue);
}

size_t PackedSize(size_t k, size_t n) { return hwy::RoundUpTo(hwy::RoundUpTo(n, kNr) * k, 16); }

void Pack(Trans trans, const float* b, size_t ldb, size_t k, size_t n, size_t n_begin, size_t n_end,
          float* packed) {
  for (size_t j = n_begin; j < n_end; j += kNr) {
    PackPanel(trans, b, ldb, 0, k, j, HWY_MIN(kNr, n - j), packed + j * k);
  }
}

size_t RowScratch(Trans ta, size_t kc) {
  return ta == Trans::kYes ? hwy::RoundUpTo(hwy::DivCeil(kMc, kMr) * PackedTileOfA(kc), 16) : 0;
}

size_t ScratchSize(Trans ta, Trans, size_t, size_t n, size_t k) {
  return RowScratch(ta, HWY_MIN(k, kKc)) + hwy::RoundUpTo(HWY_MIN(n, kNc), kNr) * HWY_MIN(k, kKc);
}

void Gemm(Trans ta, Trans tb, size_t m, size_t n, size_t k, const float* a, size_t lda,
          const float* b, size_t ldb, float* c, size_t ldc, const GemmEpilogue& epilogue,
          float* scratch) {
  const bool plain_b = tb == Trans::kNo;
  size_t j0 = 0;
  if (ta == Trans::kNo && plain_b && m - 1 < kFewRows) {
    j0 = WideColumns(m, k, a, lda, b, ldb, kNr, c, ldc, 0, n, epilogue);
  }
  float* panels = scratch + RowScratch(ta, HWY_MIN(k, kKc));
  for (; j0 < n; j0 += kNc) {
    const size_t j_end = HWY_MIN(n, j0 + kNc);
    size_t p = 0;
    do {  // also when k = 0
      const size_t kc = HWY_MIN(kKc, k - p);
      const Block block = MakeBlock(p, kc, k, c, ldc, epilogue);
      for (size_t i = 0; i < m; i += kMc) {
        const size_t rows = HWY_MIN(kMc, m - i);
        if (ta == Trans::kYes) PackTransposedA(a + p * lda + i, lda, kc, rows, scratch);
        const float* from = ta == Trans::kYes ? scratch : a + i * lda + p;
        for (size_t j = j0; j < j_end; j += kNr) {
          float* panel = m <= kMc ? panels : panels + (j - j0) * kc;
          const size_t columns = HWY_MIN(kNr, n - j);
          const bool copy = i == 0 && plain_b && columns == kNr;
          if (i == 0 && !copy) PackPanel(tb, b, ldb, p, kc, j, columns, panel);
          Column column{j, columns, panel, kNr, nullptr, {nullptr, nullptr}, {ldb, lda}};
          if (copy) {
            column.b = b + p * ldb + j;
            column.ldb = ldb;
            column.copy = panel;
            const bool more = p + kc < k;
            if (j + 2 * kNr <= j_end) {
              column.ahead[0] = column.b + kNr;
            } else if (more) {
              column.ahead[0] = b + (p + kc) * ldb + j0;
            }
            if (ta == Trans::kYes && more && j - j0 < rows && column.ahead[0] != nullptr) {
              column.ahead[1] = a + (p + kc) * lda + i + (j - j0);
            }
          }
          TileColumn(block, column, i, rows, from, lda, ta == Trans::kYes);
        }
      }
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
