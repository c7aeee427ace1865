// Attention by blocks of keys and queries: products of block_product-inl.h, softmax between them.
//
// Share of the FMA peak on one Zen 5 core, width 64, 512 to 16384 keys: forward 0.80, with backward
// 0.84. Of that time 0.89 goes into the products, 0.05 into exponentials. Blocks of 32 x 128, 128 x
// 128 and 64 x 256 are within 1% of 64 x 128.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "kernels/attention.h"
#include "kernels/block_product-inl.h"
#include "kernels/elementwise-inl.h"
#include "simd/math-inl.h"

#if defined(NF_KERNELS_ATTENTION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_ATTENTION_INL_H_
#undef NF_KERNELS_ATTENTION_INL_H_
#else
#define NF_KERNELS_ATTENTION_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kKeyBlock = 128;      // keys whose scores are made at a time
constexpr size_t kQueryBlock = 64;     // for so many queries
constexpr size_t kSweepQueries = 256;  // queries that a packed block of keys serves in forward
constexpr float kInfinity = std::numeric_limits<float>::infinity();

constexpr size_t Padded(size_t n) { return (n + kLanes - 1) / kLanes * kLanes; }
constexpr size_t PanelFloats(size_t k, size_t n) { return (n + kNr - 1) / kNr * kNr * k; }
constexpr size_t Widest(const AttentionArgs& t) { return HWY_MAX(t.width, t.v_width); }

// Hands out parts of the scratch, each 64-byte aligned; with no scratch it counts them.
class Scratch {
 public:
  explicit Scratch(float* begin) : begin_(begin) {}
  float* Take(size_t floats) {
    float* part = begin_ == nullptr ? nullptr : begin_ + used_;
    used_ += (floats + 15) / 16 * 16;
    return part;
  }
  size_t used() const { return used_; }

 private:
  float* begin_;
  size_t used_ = 0;
};

// One block of scores: queries [i, i + rows) and keys [j, j + columns) of a head.
struct ScoreBlock {
  size_t i, rows, j, columns;
  size_t ld;  // floats between its rows in scratch
};

// Keys of the block that query i sees by position.
HWY_INLINE size_t VisibleKeys(const AttentionArgs& t, const ScoreBlock& b, size_t i) {
  if (!t.causal) return b.columns;
  const size_t end = i + t.keys + 1;  // of the keys that it sees, plus `queries`
  if (end <= t.queries + b.j) return 0;
  return HWY_MIN(b.columns, end - t.queries - b.j);
}

// Hidden scores of one row become -infinity, up to the end of the last vector.
HWY_INLINE void HideScores(const AttentionArgs& t, const ScoreBlock& b, size_t visible, float* s) {
  const FloatTag d;
  const FloatVec hidden = hn::Set(d, -kInfinity);
  if (t.mask != nullptr) {
    for (size_t c = 0; c < visible; c += kLanes) {
      const FloatVec m = hn::LoadN(d, t.mask + b.j + c, HWY_MIN(kLanes, visible - c));
      const auto keep = hn::Ne(m, hn::Zero(d));  // lanes past `visible` are 0
      hn::StoreU(hn::IfThenElse(keep, hn::LoadU(d, s + c), hidden), d, s + c);
    }
  } else if (visible % kLanes != 0) {
    float* last = s + visible / kLanes * kLanes;
    const auto keep = hn::FirstN(d, visible % kLanes);
    hn::StoreU(hn::IfThenElse(keep, hn::LoadU(d, last), hidden), d, last);
  }
  for (size_t c = Padded(visible); c < b.columns; c += kLanes) hn::StoreU(hidden, d, s + c);
}

// The draws of query i for keys [j, j + columns): see attention.h. Up to 4 * kLanes - 1 more.
HWY_INLINE void DrawRow(const AttentionArgs& t, size_t i, size_t j, size_t columns,
                        uint32_t* HWY_RESTRICT draws) {
  const uint64_t first = (uint64_t{t.head} * t.queries + i) * ((t.keys + 3) / 4) + j / 4;
  for (size_t c = 0; c < columns; c += 4 * kLanes) {
    PhiloxDraws(t.seed, static_cast<uint32_t>(first + c / 4), t.row, static_cast<uint32_t>(t.step),
                t.op, draws + c);
  }
}

// Forward: scratch of one call.
struct ForwardScratch {
  float *keys, *values;  // panels of K^T and V
  float* scores;         // [kQueryBlock, columns]
  float* sums;           // [sweep, padded width]: out before its division
  float *most, *factor;  // [sweep]; [kQueryBlock]
  float* total;          // [sweep, kLanes]: partial sums of exponentials
  float* sum;            // [sweep]
  size_t floats;

  ForwardScratch(size_t queries, size_t keys_count, size_t width, float* begin) {
    Scratch s(begin);
    const size_t columns = Padded(HWY_MIN(keys_count, kKeyBlock));
    const size_t sweep = Padded(HWY_MIN(queries, kSweepQueries));
    keys = s.Take(PanelFloats(width, columns));
    values = s.Take(PanelFloats(columns, width));
    scores = s.Take(kQueryBlock * columns);
    sums = s.Take(sweep * Padded(width));
    most = s.Take(sweep);
    factor = s.Take(kQueryBlock);
    total = s.Take(sweep * kLanes);
    sum = s.Take(sweep);
    floats = s.used();
  }
};

// Scores -> probabilities up to the factor e^most / sum, in place; `most`, `total` of the block's
// rows are brought up to date and factor[r] is what the rows' earlier sums shrink by.
inline void SoftmaxBlock(const AttentionArgs& t, const ScoreBlock& b, float* scores,
                         float* HWY_RESTRICT most, float* HWY_RESTRICT total,
                         float* HWY_RESTRICT factor) {
  const FloatTag d;
  const FloatVec scale = hn::Set(d, t.scale), lowest = hn::Set(d, -kInfinity);
  for (size_t r = 0; r < b.rows; ++r) {
    float* s = scores + r * b.ld;
    const size_t visible = VisibleKeys(t, b, b.i + r);
    if (visible % kLanes != 0 || visible < b.columns || t.mask != nullptr) {
      HideScores(t, b, visible, s);
    }
    FloatVec m = lowest;
    for (size_t c = 0; c < visible; c += kLanes) m = hn::Max(m, hn::LoadU(d, s + c));
    factor[r] = hn::ReduceMax(d, m);
  }
  for (size_t r = 0; r < b.rows; r += kLanes) {
    const FloatVec old = hn::LoadU(d, most + r);
    const FloatVec now = hn::Max(old, hn::Mul(scale, hn::LoadU(d, factor + r)));
    // Where nothing was seen yet -infinity would be taken from itself.
    const FloatVec from = hn::IfThenZeroElse(hn::Eq(now, lowest), now);
    hn::StoreU(now, d, most + r);
    hn::StoreU(ExpNegative(d, hn::Sub(old, from)), d, factor + r);
  }
  const KeepFactor keep(t.dropout);
  HWY_ALIGN uint32_t draws[kKeyBlock + 4 * kLanes];
  for (size_t r = 0; r < b.rows; ++r) {
    float* HWY_RESTRICT s = scores + r * b.ld;
    const FloatVec from = hn::Set(d, most[r] == -kInfinity ? 0.0f : most[r]);
    FloatVec sum = hn::Mul(hn::LoadU(d, total + r * kLanes), hn::Set(d, factor[r]));
    for (size_t c = 0; c < b.columns; c += kLanes) {
      const FloatVec p = ExpNegative(d, hn::MulSub(scale, hn::LoadU(d, s + c), from));
      sum = hn::Add(sum, p);
      hn::StoreU(p, d, s + c);
    }
    hn::StoreU(sum, d, total + r * kLanes);
    if (t.dropout == 0.0f) continue;
    DrawRow(t, b.i + r, b.j, b.columns, draws);
    for (size_t c = 0; c < b.columns; c += kLanes) {
      hn::StoreU(hn::Mul(hn::LoadU(d, s + c), keep(draws + c)), d, s + c);
    }
  }
}

// out = sums / total and the statistics of queries [i, i + rows).
inline void FinishSweep(const AttentionArgs& t, const ForwardScratch& s, size_t i, size_t rows) {
  const FloatTag d;
  const FloatVec one = hn::Set(d, 1.0f);
  for (size_t r = 0; r < rows; ++r) {
    s.sum[r] = hn::ReduceSum(d, hn::LoadU(d, s.total + r * kLanes));
  }
  for (size_t r = 0; r < rows; r += kLanes) {
    const FloatVec sum = hn::LoadU(d, s.sum + r);
    const auto blind = hn::Eq(sum, hn::Zero(d));
    const FloatVec log_sum = hn::Add(hn::LoadU(d, s.most + r), LogAboveOne(d, sum));
    hn::StoreN(hn::IfThenElse(blind, hn::Set(d, kInfinity), log_sum), d, t.statistics + i + r,
               HWY_MIN(kLanes, rows - r));
    hn::StoreU(hn::IfThenZeroElse(blind, hn::Div(one, sum)), d, s.sum + r);
  }
  for (size_t r = 0; r < rows; ++r) {
    const float* from = s.sums + r * Padded(t.v_width);
    float* to = t.out + (i + r) * t.out_stride;
    const FloatVec factor = hn::Set(d, s.sum[r]);
    ForLanes(t.v_width, [=](size_t c, auto lanes) HWY_ATTR {
      lanes.Store(hn::Mul(hn::LoadU(FloatTag(), from + c), factor), to + c);
    });
  }
}

// Queries [begin, end), at most kSweepQueries of them.
inline void ForwardSweep(const AttentionArgs& t, const ForwardScratch& s, size_t begin,
                         size_t end) {
  const size_t padded = Padded(t.v_width), sweep = end - begin;
  std::memset(s.sums, 0, sweep * padded * sizeof(float));
  std::memset(s.total, 0, sweep * kLanes * sizeof(float));
  for (size_t r = 0; r < Padded(sweep); ++r) s.most[r] = -kInfinity;
  for (size_t j = 0; j < t.keys; j += kKeyBlock) {
    const size_t columns = HWY_MIN(kKeyBlock, t.keys - j);
    if (VisibleKeys(t, {0, 0, j, columns, 0}, end - 1) == 0) break;
    PanelsOfTransposed(t.k + j * t.k_stride, t.k_stride, columns, t.width, s.keys);
    PanelsOf(t.v + j * t.v_stride, t.v_stride, columns, t.v_width, s.values);
    for (size_t i = begin; i < end; i += kQueryBlock) {
      const ScoreBlock b = {i, HWY_MIN(kQueryBlock, end - i), j, columns, Padded(columns)};
      if (VisibleKeys(t, b, i + b.rows - 1) == 0) continue;
      Multiply<Start::kZero>({b.rows, b.ld, t.width, t.q + i * t.q_stride, t.q_stride, 1, s.keys,
                              t.width, s.scores, b.ld});
      const size_t r = i - begin;
      SoftmaxBlock(t, b, s.scores, s.most + r, s.total + r * kLanes, s.factor);
      Multiply<Start::kScaled>({b.rows, padded, columns, s.scores, b.ld, 1, s.values, columns,
                                s.sums + r * padded, padded, s.factor});
    }
  }
  FinishSweep(t, s, begin, sweep);
}

void AttentionForward(const AttentionArgs& args, size_t begin, size_t end, float* scratch) {
  const ForwardScratch s(args.queries, args.keys, Widest(args), scratch);
  for (size_t i = begin; i < end; i += kSweepQueries) {
    ForwardSweep(args, s, i, HWY_MIN(end, i + kSweepQueries));
  }
}

struct BackwardScratch {
  float *keys, *values;           // panels of K^T and V^T
  float* key_rows;                // panels of K
  float *q, *d_out;               // panels of a block's Q and dO
  float *dk, *dv;                 // [columns, padded width]
  float* dq;                      // [kQueryBlock, padded width]
  float *probability, *d_scores;  // [kQueryBlock, columns]
  float* mean;                    // [queries]: of dP over P, which is dO . O
  size_t floats;

  BackwardScratch(size_t queries, size_t keys_count, size_t width, float* begin) {
    Scratch s(begin);
    const size_t columns = Padded(HWY_MIN(keys_count, kKeyBlock));
    const size_t rows = HWY_MIN(queries, kQueryBlock), padded = Padded(width);
    keys = s.Take(PanelFloats(width, columns));
    values = s.Take(PanelFloats(width, columns));
    key_rows = s.Take(PanelFloats(columns, width));
    q = s.Take(PanelFloats(rows, width));
    d_out = s.Take(PanelFloats(rows, width));
    dk = s.Take(columns * padded);
    dv = s.Take(columns * padded);
    dq = s.Take(rows * padded);
    probability = s.Take(rows * columns);
    d_scores = s.Take(rows * columns);
    mean = s.Take(queries);
    floats = s.used();
  }
};

// In place: scores -> dropped probabilities, their gradient -> the gradient of q . k.
inline void SoftmaxBackward(const AttentionArgs& t, const ScoreBlock& b, const BackwardScratch& x) {
  const FloatTag d;
  const FloatVec scale = hn::Set(d, t.scale);
  const KeepFactor keep(t.dropout);
  HWY_ALIGN uint32_t draws[kKeyBlock + 4 * kLanes];
  for (size_t r = 0; r < b.rows; ++r) {
    float* HWY_RESTRICT s = x.probability + r * b.ld;
    float* HWY_RESTRICT ds = x.d_scores + r * b.ld;
    const size_t visible = VisibleKeys(t, b, b.i + r);
    if (visible % kLanes != 0 || visible < b.columns || t.mask != nullptr) {
      HideScores(t, b, visible, s);
    }
    const FloatVec statistic = hn::Set(d, t.statistics[b.i + r]);
    const FloatVec mean = hn::Set(d, x.mean[b.i + r]);
    if (t.dropout != 0.0f) DrawRow(t, b.i + r, b.j, b.columns, draws);
    for (size_t c = 0; c < b.columns; c += kLanes) {
      const FloatVec p = ExpNegative(d, hn::MulSub(scale, hn::LoadU(d, s + c), statistic));
      FloatVec dropped = p, dp = hn::LoadU(d, ds + c);
      if (t.dropout != 0.0f) {
        const FloatVec kept = keep(draws + c);
        dropped = hn::Mul(p, kept);
        dp = hn::Mul(dp, kept);
      }
      hn::StoreU(dropped, d, s + c);
      hn::StoreU(hn::Mul(hn::Mul(p, scale), hn::Sub(dp, mean)), d, ds + c);
    }
  }
}

// to[r] (+)= from[r] for `rows` rows of `width` floats.
inline void PutRows(const float* from, size_t from_stride, size_t rows, size_t width, bool add,
                    float* to, size_t to_stride) {
  for (size_t r = 0; r < rows; ++r, from += from_stride, to += to_stride) {
    ForLanes(width, [=](size_t c, auto lanes) HWY_ATTR {
      const FloatVec x = hn::LoadU(FloatTag(), from + c);
      lanes.Store(add ? hn::Add(lanes.Load(to + c), x) : x, to + c);
    });
  }
}

inline void BackwardBlock(const AttentionArgs& t, const ScoreBlock& b, const BackwardScratch& s) {
  const size_t padded = Padded(t.width), v_padded = Padded(t.v_width), i = b.i;
  const float *q = t.q + i * t.q_stride, *d_out = t.d_out + i * t.out_stride;
  Multiply<Start::kZero>(
      {b.rows, b.ld, t.width, q, t.q_stride, 1, s.keys, t.width, s.probability, b.ld});
  Multiply<Start::kZero>(
      {b.rows, b.ld, t.v_width, d_out, t.out_stride, 1, s.values, t.v_width, s.d_scores, b.ld});
  SoftmaxBackward(t, b, s);
  if (t.dv != nullptr) {  // dV += P^T . dO
    PanelsOf(d_out, t.out_stride, b.rows, t.v_width, s.d_out);
    Multiply<Start::kHeld>(
        {b.columns, v_padded, b.rows, s.probability, 1, b.ld, s.d_out, b.rows, s.dv, v_padded});
  }
  if (t.dk != nullptr) {  // dK += dS^T . Q
    PanelsOf(q, t.q_stride, b.rows, t.width, s.q);
    Multiply<Start::kHeld>(
        {b.columns, padded, b.rows, s.d_scores, 1, b.ld, s.q, b.rows, s.dk, padded});
  }
  if (t.dq != nullptr) {  // dQ += dS . K
    Multiply<Start::kZero>(
        {b.rows, padded, b.columns, s.d_scores, b.ld, 1, s.key_rows, b.columns, s.dq, padded});
    PutRows(s.dq, padded, b.rows, t.width, t.add_q || b.j > 0, t.dq + i * t.q_stride, t.q_stride);
  }
}

// No query of the block sees a key of it. In the first block of keys: none of any.
inline void SkipBackwardBlock(const AttentionArgs& t, const ScoreBlock& b) {
  if (t.dq == nullptr || t.add_q || b.j > 0) return;
  for (size_t i = b.i; i < b.i + b.rows; ++i) {
    std::memset(t.dq + i * t.q_stride, 0, t.width * sizeof(float));
  }
}

inline void MeansOfGradient(const AttentionArgs& t, float* mean) {
  const FloatTag d;
  for (size_t i = 0; i < t.queries; ++i) {
    const float *o = t.out + i * t.out_stride, *d_out = t.d_out + i * t.out_stride;
    FloatVec sum = hn::Zero(d);
    ForLanes(t.v_width, [&](size_t c, auto lanes) HWY_ATTR {
      sum = hn::MulAdd(lanes.Load(o + c), lanes.Load(d_out + c), sum);
    });
    mean[i] = hn::ReduceSum(d, sum);
  }
}

void AttentionBackward(const AttentionArgs& t, float* scratch) {
  const BackwardScratch s(t.queries, t.keys, Widest(t), scratch);
  const size_t padded = Padded(t.width), v_padded = Padded(t.v_width);
  MeansOfGradient(t, s.mean);
  for (size_t j = 0; j < t.keys; j += kKeyBlock) {
    const size_t columns = HWY_MIN(kKeyBlock, t.keys - j);
    const float *k = t.k + j * t.k_stride, *v = t.v + j * t.v_stride;
    PanelsOfTransposed(k, t.k_stride, columns, t.width, s.keys);
    PanelsOfTransposed(v, t.v_stride, columns, t.v_width, s.values);
    if (t.dq != nullptr) PanelsOf(k, t.k_stride, columns, t.width, s.key_rows);
    std::memset(s.dk, 0, columns * padded * sizeof(float));
    std::memset(s.dv, 0, columns * v_padded * sizeof(float));
    for (size_t i = 0; i < t.queries; i += kQueryBlock) {
      const ScoreBlock b = {i, HWY_MIN(kQueryBlock, t.queries - i), j, columns, Padded(columns)};
      if (VisibleKeys(t, b, i + b.rows - 1) != 0) {
        BackwardBlock(t, b, s);
      } else {
        SkipBackwardBlock(t, b);
      }
    }
    if (t.dk != nullptr) {
      PutRows(s.dk, padded, columns, t.width, t.add_k, t.dk + j * t.k_stride, t.k_stride);
    }
    if (t.dv != nullptr) {
      PutRows(s.dv, v_padded, columns, t.v_width, t.add_v, t.dv + j * t.v_stride, t.v_stride);
    }
  }
}

inline size_t AttentionScratch(size_t queries, size_t keys, size_t width) {
  return HWY_MAX(ForwardScratch(queries, keys, width, nullptr).floats,
                 BackwardScratch(queries, keys, width, nullptr).floats);
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_ATTENTION_INL_H_
