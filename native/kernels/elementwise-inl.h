// The loops of elementwise.h on vectors.
#include <cstdint>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/elementwise.h"
#include "simd/loop-inl.h"

#if defined(NF_KERNELS_ELEMENTWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_ELEMENTWISE_INL_H_
#undef NF_KERNELS_ELEMENTWISE_INL_H_
#else
#define NF_KERNELS_ELEMENTWISE_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline void Add(const float* a, const float* b, float* out, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    lanes.Store(hn::Add(lanes.Load(a + i), lanes.Load(b + i)), out + i);
  });
}

inline void Sub(const float* a, const float* b, float* out, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    lanes.Store(hn::Sub(lanes.Load(a + i), lanes.Load(b + i)), out + i);
  });
}

inline void Mul(const float* a, const float* b, float* out, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    lanes.Store(hn::Mul(lanes.Load(a + i), lanes.Load(b + i)), out + i);
  });
}

inline void SubMul(const float* a, const float* b, const float* m, float* out, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    const FloatVec difference = hn::Sub(lanes.Load(a + i), lanes.Load(b + i));
    lanes.Store(hn::Mul(difference, lanes.Load(m + i)), out + i);
  });
}

inline void MulAdd(const float* a, const float* b, float* out, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    lanes.Store(hn::MulAdd(lanes.Load(a + i), lanes.Load(b + i), lanes.Load(out + i)), out + i);
  });
}

inline void Axpy(float alpha, const float* x, float* y, size_t n) {
  const FloatVec factor = hn::Set(FloatTag(), alpha);
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    lanes.Store(hn::MulAdd(factor, lanes.Load(x + i), lanes.Load(y + i)), y + i);
  });
}

inline void Scale(float alpha, const float* x, float* y, size_t n) {
  const FloatVec factor = hn::Set(FloatTag(), alpha);
  ForLanes(n, [=](size_t i, auto lanes)
                  HWY_ATTR { lanes.Store(hn::Mul(factor, lanes.Load(x + i)), y + i); });
}

inline void Reverse(const float* x, float* y, size_t n) {
  const FloatTag d;
  const size_t step = hn::Lanes(d);
  size_t i = 0;
  for (; i + step <= n; i += step) {
    hn::StoreU(hn::Reverse(d, hn::LoadU(d, x + n - step - i)), d, y + i);
  }
  for (; i < n; ++i) y[i] = x[n - 1 - i];
}

// One block of at most 256 rows for kVectors adjacent vectors of columns, in registers.
template <size_t kVectors, class Lanes>
HWY_INLINE void ColumnBlock(const float* x, size_t rows, size_t ld, FloatVec alpha, bool add,
                            float* out, const Lanes& lanes) {
  const FloatTag d;
  const size_t step = hn::Lanes(d);
  FloatVec sum[kVectors];
  for (size_t v = 0; v < kVectors; ++v) sum[v] = hn::Zero(d);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      sum[v] = hn::Add(sum[v], lanes.Load(x + r * ld + v * step));
    }
  }
  for (size_t v = 0; v < kVectors; ++v) {
    float* to = out + v * step;
    lanes.Store(add ? hn::MulAdd(alpha, sum[v], lanes.Load(to)) : hn::Mul(alpha, sum[v]), to);
  }
}

inline void ColumnSums(const float* x, size_t rows, size_t cols, size_t ld, float alpha,
                       bool accumulate, float* out) {
  const FloatTag d;
  const size_t step = hn::Lanes(d);
  const FloatVec factor = hn::Set(d, alpha);
  size_t begin = 0;
  do {  // once for no rows at all: out becomes 0 unless it accumulates
    const size_t block = HWY_MIN(rows - begin, kColumnSumRows);
    const float* from = x + begin * ld;
    const bool add = accumulate || begin > 0;
    size_t j = 0;
    for (; j + 8 * step <= cols; j += 8 * step) {
      ColumnBlock<8>(from + j, block, ld, factor, add, out + j, FullLanes{});
    }
    for (; j + step <= cols; j += step) {
      ColumnBlock<1>(from + j, block, ld, factor, add, out + j, FullLanes{});
    }
    if (j < cols) ColumnBlock<1>(from + j, block, ld, factor, add, out + j, PartLanes{cols - j});
    begin += block;
  } while (begin < rows);
}

// Squares are exact in double, so only the order of the additions can round differently.
inline double SumSquares(const float* x, size_t n) {
  const hn::Repartition<double, FloatTag> dd;
  auto sum0 = hn::Zero(dd), sum1 = hn::Zero(dd);
  ForLanes(n, [&](size_t i, auto lanes) HWY_ATTR {
    const FloatVec v = lanes.Load(x + i);
    const auto lower = hn::PromoteLowerTo(dd, v), upper = hn::PromoteUpperTo(dd, v);
    sum0 = hn::MulAdd(lower, lower, sum0);
    sum1 = hn::MulAdd(upper, upper, sum1);
  });
  return hn::ReduceSum(dd, hn::Add(sum0, sum1));
}

// x * m as 64-bit products, split into halves.
template <class DU, class VU = hn::Vec<DU>>
HWY_INLINE void MulHiLo(DU du, VU x, VU m, VU& hi, VU& lo) {
  const auto even = hn::MulEven(x, m), odd = hn::MulOdd(x, m);
  hi = hn::OddEven(hn::BitCast(du, odd), hn::BitCast(du, hn::ShiftRight<32>(even)));
  lo = hn::OddEven(hn::BitCast(du, hn::ShiftLeft<32>(odd)), hn::BitCast(du, even));
}

// Philox4x32-10 as in util/rng.h on one block a lane.
template <class DU, class VU = hn::Vec<DU>>
HWY_INLINE void PhiloxBlocks(DU du, uint64_t seed, VU& c0, VU& c1, VU& c2, VU& c3) {
  const VU m0 = hn::Set(du, 0xD2511F53u), m1 = hn::Set(du, 0xCD9E8D57u);
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    VU hi0, lo0, hi1, lo1;
    MulHiLo(du, c0, m0, hi0, lo0);
    MulHiLo(du, c2, m1, hi1, lo1);
    c0 = hn::Xor3(hi1, c1, hn::Set(du, k0));
    c1 = lo1;
    c2 = hn::Xor3(hi0, c3, hn::Set(du, k1));
    c3 = lo0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

inline void Dropout(const float* x, float* y, size_t n, float p, uint64_t seed, uint32_t op,
                    uint64_t step, uint32_t row) {
  const FloatTag d;
  const hn::RebindToUnsigned<FloatTag> du;
  const hn::RebindToSigned<FloatTag> di;
  const size_t blocks = hn::Lanes(d);  // Philox blocks at a time, 4 draws each
  const FloatVec threshold = hn::Set(d, p), scale = hn::Set(d, 1.0f / (1.0f - p));
  const auto factor = [=](hn::Vec<decltype(du)> draw) HWY_ATTR {
    const FloatVec u = hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<8>(draw)));
    return hn::IfThenElseZero(hn::Ge(hn::Mul(u, hn::Set(d, 0x1p-24f)), threshold), scale);
  };
  HWY_ALIGN float factors[4 * hn::MaxLanes(d)];
  for (size_t i = 0; i < n; i += 4 * blocks) {
    auto c0 = hn::Iota(du, static_cast<uint32_t>(i / 4));
    auto c1 = hn::Set(du, row), c2 = hn::Set(du, static_cast<uint32_t>(step)), c3 = hn::Set(du, op);
    PhiloxBlocks(du, seed, c0, c1, c2, c3);
    hn::StoreInterleaved4(factor(c0), factor(c1), factor(c2), factor(c3), d, factors);
    ForLanes(HWY_MIN(n - i, 4 * blocks), [&](size_t j, auto lanes) HWY_ATTR {
      lanes.Store(hn::Mul(lanes.Load(x + i + j), hn::Load(d, factors + j)), y + i + j);
    });
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_ELEMENTWISE_INL_H_
