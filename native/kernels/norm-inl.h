// Normalisation of layers and batches on vectors.
#include <cstddef>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/elementwise.h"
#include "simd/loop-inl.h"

#if defined(NF_KERNELS_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_NORM_INL_H_
#undef NF_KERNELS_NORM_INL_H_
#else
#define NF_KERNELS_NORM_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline void LayerForward(const float* x, size_t rows, size_t n, const float* gamma,
                         const float* beta, float epsilon, float* y, float* statistics) {
  const FloatTag d;
  const FloatVec share = hn::Set(d, 1.0f / static_cast<float>(n));
  const FloatVec least = hn::Set(d, epsilon), one = hn::Set(d, 1.0f);
  for (size_t r = 0; r < rows; ++r, x += n, y += n) {
    FloatVec sum = hn::Zero(d);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR { sum = hn::Add(sum, lanes.Load(x + j)); });
    const FloatVec mean = hn::Mul(hn::Set(d, hn::ReduceSum(d, sum)), share);
    FloatVec squares = hn::Zero(d);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec centred = lanes.Keep(hn::Sub(lanes.Load(x + j), mean));
      squares = hn::MulAdd(centred, centred, squares);
    });
    const FloatVec variance = hn::Mul(hn::Set(d, hn::ReduceSum(d, squares)), share);
    const FloatVec factor = hn::Div(one, hn::Sqrt(hn::Add(variance, least)));
    statistics[2 * r] = hn::GetLane(mean);
    statistics[2 * r + 1] = hn::GetLane(factor);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec normal = hn::Mul(hn::Sub(lanes.Load(x + j), mean), factor);
      lanes.Store(hn::MulAdd(normal, lanes.Load(gamma + j), lanes.Load(beta + j)), y + j);
    });
  }
}

// With g = dy * gamma and z the normalised x: dx = (g - mean(g) - z * mean(g * z)) / std.
inline void LayerBackward(const float* x, const float* dy, size_t rows, size_t n,
                          const float* gamma, const float* statistics, bool accumulate, float* dx) {
  const FloatTag d;
  const FloatVec share = hn::Set(d, 1.0f / static_cast<float>(n));
  for (size_t r = 0; r < rows; ++r, x += n, dy += n, dx += n) {
    const FloatVec mean = hn::Set(d, statistics[2 * r]);
    const FloatVec factor = hn::Set(d, statistics[2 * r + 1]);
    FloatVec sum = hn::Zero(d), product = hn::Zero(d);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec g = hn::Mul(lanes.Load(dy + j), lanes.Load(gamma + j));
      sum = hn::Add(sum, g);
      product = hn::MulAdd(g, hn::Sub(lanes.Load(x + j), mean), product);
    });
    const FloatVec mean_g = hn::Mul(hn::Set(d, hn::ReduceSum(d, sum)), share);
    const FloatVec mean_gz = hn::Mul(hn::Mul(hn::Set(d, hn::ReduceSum(d, product)), share), factor);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec g = hn::Mul(lanes.Load(dy + j), lanes.Load(gamma + j));
      const FloatVec z = hn::Mul(hn::Sub(lanes.Load(x + j), mean), factor);
      const FloatVec part = hn::NegMulAdd(z, mean_gz, hn::Sub(g, mean_g));
      lanes.Store(accumulate ? hn::MulAdd(part, factor, lanes.Load(dx + j)) : hn::Mul(part, factor),
                  dx + j);
    });
  }
}

// One block of at most kColumnSumRows rows for kVectors adjacent vectors of columns, in registers.
template <size_t kVectors, class Lanes>
HWY_INLINE void GammaBlock(const float* x, const float* dy, const float* statistics, size_t rows,
                           size_t ld, FloatVec alpha, bool add, float* out, const Lanes& lanes) {
  const FloatTag d;
  FloatVec sum[kVectors];
  for (size_t v = 0; v < kVectors; ++v) sum[v] = hn::Zero(d);
  for (size_t r = 0; r < rows; ++r) {
    const FloatVec mean = hn::Set(d, statistics[2 * r]);
    const FloatVec factor = hn::Set(d, statistics[2 * r + 1]);
    for (size_t v = 0; v < kVectors; ++v) {
      const size_t at = r * ld + v * kLanes;
      const FloatVec z = hn::Mul(hn::Sub(lanes.Load(x + at), mean), factor);
      sum[v] = hn::MulAdd(z, lanes.Load(dy + at), sum[v]);
    }
  }
  for (size_t v = 0; v < kVectors; ++v) {
    float* to = out + v * kLanes;
    lanes.Store(add ? hn::MulAdd(alpha, sum[v], lanes.Load(to)) : hn::Mul(alpha, sum[v]), to);
  }
}

inline void LayerGamma(const float* x, const float* dy, const float* statistics, size_t rows,
                       size_t cols, size_t ld, float alpha, bool accumulate, float* d_gamma) {
  const FloatVec factor = hn::Set(FloatTag(), alpha);
  size_t begin = 0;
  do {  // once for no rows at all: d_gamma becomes 0 unless it accumulates
    const size_t block = HWY_MIN(rows - begin, kColumnSumRows);
    const float *bx = x + begin * ld, *by = dy + begin * ld, *bs = statistics + 2 * begin;
    const bool add = accumulate || begin > 0;
    size_t j = 0;
    for (; j + 4 * kLanes <= cols; j += 4 * kLanes) {
      GammaBlock<4>(bx + j, by + j, bs, block, ld, factor, add, d_gamma + j, FullLanes{});
    }
    for (; j + kLanes <= cols; j += kLanes) {
      GammaBlock<1>(bx + j, by + j, bs, block, ld, factor, add, d_gamma + j, FullLanes{});
    }
    if (j < cols) {
      GammaBlock<1>(bx + j, by + j, bs, block, ld, factor, add, d_gamma + j, PartLanes{cols - j});
    }
    begin += block;
  } while (begin < rows);
}

inline void ChannelSums(const float* a, const float* b, size_t rows, size_t n, double* sums) {
  const hn::Repartition<double, FloatTag> dd;
  constexpr size_t kHalf = kLanes / 2;
  ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
    auto sum0 = hn::Zero(dd), sum1 = hn::Zero(dd), product0 = hn::Zero(dd), product1 = hn::Zero(dd);
    for (size_t r = 0; r < rows; ++r) {
      const FloatVec va = lanes.Load(a + r * n + j), vb = lanes.Load(b + r * n + j);
      const auto lower = hn::PromoteLowerTo(dd, va), upper = hn::PromoteUpperTo(dd, va);
      sum0 = hn::Add(sum0, lower);
      sum1 = hn::Add(sum1, upper);
      product0 = hn::MulAdd(lower, hn::PromoteLowerTo(dd, vb), product0);
      product1 = hn::MulAdd(upper, hn::PromoteUpperTo(dd, vb), product1);
    }
    HWY_ALIGN double all[2 * kLanes];
    hn::Store(sum0, dd, all);
    hn::Store(sum1, dd, all + kHalf);
    hn::Store(product0, dd, all + kLanes);
    hn::Store(product1, dd, all + kLanes + kHalf);
    const size_t count = HWY_MIN(kLanes, n - j);
    hwy::CopyBytes(all, sums + j, count * sizeof(double));
    hwy::CopyBytes(all + kLanes, sums + n + j, count * sizeof(double));
  });
}

inline void ChannelForward(const float* x, size_t rows, size_t n, const float* mean,
                           const float* scale, const float* shift, float* y) {
  for (size_t r = 0; r < rows; ++r, x += n, y += n) {
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec centred = hn::Sub(lanes.Load(x + j), lanes.Load(mean + j));
      lanes.Store(hn::MulAdd(centred, lanes.Load(scale + j), lanes.Load(shift + j)), y + j);
    });
  }
}

inline void ChannelBackward(const float* x, const float* dy, size_t rows, size_t n,
                            const float* mean, const float* scale, const float* slope,
                            const float* shift, bool accumulate, float* dx) {
  for (size_t r = 0; r < rows; ++r, x += n, dy += n, dx += n) {
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec centred = hn::Sub(lanes.Load(x + j), lanes.Load(mean + j));
      const FloatVec own = hn::MulSub(lanes.Load(dy + j), lanes.Load(scale + j),  //
                                      lanes.Load(shift + j));
      const FloatVec part = hn::NegMulAdd(centred, lanes.Load(slope + j), own);
      lanes.Store(accumulate ? hn::Add(lanes.Load(dx + j), part) : part, dx + j);
    });
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_NORM_INL_H_
