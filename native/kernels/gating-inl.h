// Gates, softmax and weighted sums on vectors.
#include <cstddef>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "simd/loop-inl.h"
#include "simd/math-inl.h"

#if defined(NF_KERNELS_GATING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_GATING_INL_H_
#undef NF_KERNELS_GATING_INL_H_
#else
#define NF_KERNELS_GATING_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline void GluForward(const float* x, size_t rows, size_t n, float* y) {
  for (size_t r = 0; r < rows; ++r, x += 2 * n, y += n) {
    ForLanes(n, [=](size_t j, auto lanes) HWY_ATTR {
      const FloatVec gate = Sigmoid(FloatTag(), lanes.Load(x + n + j));
      lanes.Store(hn::Mul(lanes.Load(x + j), gate), y + j);
    });
  }
}

inline void GluBackward(const float* x, const float* dy, size_t rows, size_t n, bool accumulate,
                        float* dx) {
  const FloatTag d;
  const FloatVec one = hn::Set(d, 1.0f);
  for (size_t r = 0; r < rows; ++r, x += 2 * n, dx += 2 * n, dy += n) {
    ForLanes(n, [=](size_t j, auto lanes) HWY_ATTR {
      const FloatVec gate = Sigmoid(d, lanes.Load(x + n + j)), grad = lanes.Load(dy + j);
      const FloatVec slope = hn::Mul(gate, hn::Sub(one, gate));
      FloatVec da = hn::Mul(grad, gate);
      FloatVec db = hn::Mul(hn::Mul(grad, lanes.Load(x + j)), slope);
      if (accumulate) {
        da = hn::Add(lanes.Load(dx + j), da);
        db = hn::Add(lanes.Load(dx + n + j), db);
      }
      lanes.Store(da, dx + j);
      lanes.Store(db, dx + n + j);
    });
  }
}

// n >= 1. NaN may be passed over: where there is one, softmax finds it again.
HWY_INLINE float Largest(const float* x, size_t n) {
  const FloatTag d;
  float most = x[0];
  if (n < kLanes) {
    for (size_t j = 1; j < n; ++j) most = HWY_MAX(most, x[j]);
    return most;
  }
  FloatVec v = hn::LoadU(d, x + n - kLanes);
  for (size_t j = 0; j + kLanes <= n; j += kLanes) v = hn::Max(v, hn::LoadU(d, x + j));
  return hn::ReduceMax(d, v);
}

inline void SoftmaxForward(const float* x, size_t rows, size_t n, float* y) {
  if (n == 0) return;
  const FloatTag d;
  for (size_t r = 0; r < rows; ++r, x += n, y += n) {
    const FloatVec most = hn::Set(d, Largest(x, n));
    FloatVec sum = hn::Zero(d);
    ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
      const FloatVec e = ExpNegative(d, hn::Sub(lanes.Load(x + j), most));
      sum = hn::Add(sum, lanes.Keep(e));
      lanes.Store(e, y + j);
    });
    const FloatVec share = hn::Set(d, 1.0f / hn::ReduceSum(d, sum));
    ForLanes(n, [&](size_t j, auto lanes)
                    HWY_ATTR { lanes.Store(hn::Mul(lanes.Load(y + j), share), y + j); });
  }
}

HWY_INLINE float Dot(const float* a, const float* b, size_t n) {
  FloatVec sum = hn::Zero(FloatTag());
  ForLanes(n, [&](size_t j, auto lanes) HWY_ATTR {
    sum = hn::MulAdd(lanes.Load(a + j), lanes.Load(b + j), sum);  // absent lanes load as 0
  });
  return hn::ReduceSum(FloatTag(), sum);
}

inline void SoftmaxBackward(const float* y, const float* dy, size_t rows, size_t n, bool accumulate,
                            float* dx) {
  for (size_t r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    const FloatVec mean = hn::Set(FloatTag(), Dot(y, dy, n));
    ForLanes(n, [=](size_t j, auto lanes) HWY_ATTR {
      const FloatVec part = hn::Mul(lanes.Load(y + j), hn::Sub(lanes.Load(dy + j), mean));
      lanes.Store(accumulate ? hn::Add(lanes.Load(dx + j), part) : part, dx + j);
    });
  }
}

inline void ScaleRows(const float* w, size_t stride, const float* x, size_t rows, size_t n,
                      bool accumulate, float* y) {
  for (size_t r = 0; r < rows; ++r, x += n, y += n) {
    const FloatVec weight = hn::Set(FloatTag(), w[r * stride]);
    ForLanes(n, [=](size_t j, auto lanes) HWY_ATTR {
      const FloatVec v = lanes.Load(x + j);
      lanes.Store(accumulate ? hn::MulAdd(weight, v, lanes.Load(y + j)) : hn::Mul(weight, v),
                  y + j);
    });
  }
}

inline void DotRows(const float* a, const float* b, size_t rows, size_t n, size_t stride,
                    bool accumulate, float* out) {
  for (size_t r = 0; r < rows; ++r, a += n, b += n) {
    const float dot = Dot(a, b, n);
    out[r * stride] = accumulate ? out[r * stride] + dot : dot;
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_GATING_INL_H_
