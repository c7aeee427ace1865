// The loops of elementwise.h on vectors.
#include <cmath>
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

inline void SubMul(const float* a, const float* b, const float* m, float* out, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    const FloatVec difference = hn::Sub(lanes.Load(a + i), lanes.Load(b + i));
    lanes.Store(hn::Mul(difference, lanes.Load(m + i)), out + i);
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

// The draws of kLanes blocks from `block` on, in order: Philox4x32-10 as in util/rng.h with the
// counter {block, row, step, op}. A block takes a lane of 64 bits, since a round is two products of
// 32 x 32 bits; what stands in the upper halves between rounds is never read. Half the time of one
// block to 32 bits, where products and halves have to be taken apart and put together again.
HWY_INLINE void PhiloxDraws(uint64_t seed, uint32_t block, uint32_t row, uint32_t step, uint32_t op,
                            uint32_t* HWY_RESTRICT draws) {
  const hn::ScalableTag<uint64_t> d64;
  const hn::ScalableTag<uint32_t> d32;
  using V = hn::Vec<decltype(d64)>;
  constexpr size_t kBlocks = kLanes / 2;  // of a vector
  const auto product = [=](V x, hn::Vec<decltype(d32)> m)
                           HWY_ATTR { return hn::MulEven(hn::BitCast(d32, x), m); };
  const auto m0 = hn::Set(d32, 0xD2511F53u), m1 = hn::Set(d32, 0xCD9E8D57u);
  V c0[2] = {hn::Iota(d64, block), hn::Iota(d64, block + kBlocks)};
  V c1[2], c2[2], c3[2];
  for (size_t v = 0; v < 2; ++v) {
    c1[v] = hn::Set(d64, row), c2[v] = hn::Set(d64, step), c3[v] = hn::Set(d64, op);
  }
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    for (size_t v = 0; v < 2; ++v) {
      const V p0 = product(c0[v], m0), p1 = product(c2[v], m1);
      c0[v] = hn::Xor3(hn::ShiftRight<32>(p1), c1[v], hn::Set(d64, k0));
      c2[v] = hn::Xor3(hn::ShiftRight<32>(p0), c3[v], hn::Set(d64, k1));
      c1[v] = p1;
      c3[v] = p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const auto pair = [=](V low, V high) HWY_ATTR {
    return hn::BitCast(
        d64, hn::OddEven(hn::BitCast(d32, hn::ShiftLeft<32>(high)), hn::BitCast(d32, low)));
  };
  for (size_t v = 0; v < 2; ++v) {
    hn::StoreInterleaved2(pair(c0[v], c1[v]), pair(c2[v], c3[v]), d64,
                          reinterpret_cast<uint64_t*>(draws + v * 4 * kBlocks));
  }
}

// What draws multiply values by: (draw >> 8) * 2^-24 >= p as a comparison of whole numbers.
class KeepFactor {
 public:
  explicit HWY_INLINE KeepFactor(float p)
      : threshold_(
            hn::Set(hn::RebindToSigned<FloatTag>(), static_cast<int32_t>(std::ceil(p * 0x1p24f)))),
        scale_(hn::Set(FloatTag(), 1.0f / (1.0f - p))) {}
  HWY_INLINE FloatVec operator()(const uint32_t* draws) const {
    const FloatTag d;
    const hn::RebindToSigned<FloatTag> di;
    const auto u =
        hn::BitCast(di, hn::ShiftRight<8>(hn::LoadU(hn::ScalableTag<uint32_t>(), draws)));
    return hn::IfThenElseZero(hn::RebindMask(d, hn::Ge(u, threshold_)), scale_);
  }

 private:
  const hn::Vec<hn::RebindToSigned<FloatTag>> threshold_;
  const FloatVec scale_;
};

inline void Dropout(const float* x, float* y, size_t n, float p, uint64_t seed, uint32_t op,
                    uint64_t step, uint32_t row) {
  const KeepFactor factor(p);
  HWY_ALIGN uint32_t draws[4 * kLanes];
  for (size_t i = 0; i < n; i += 4 * kLanes) {
    PhiloxDraws(seed, static_cast<uint32_t>(i / 4), row, static_cast<uint32_t>(step), op, draws);
    ForLanes(HWY_MIN(n - i, 4 * kLanes), [&](size_t j, auto lanes) HWY_ATTR {
      lanes.Store(hn::Mul(lanes.Load(x + i + j), factor(draws + j)), y + i + j);
    });
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_ELEMENTWISE_INL_H_
