// What the expressions of maps.inc are made of, on vectors.
#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/maps.h"
#include "simd/loop-inl.h"
#include "simd/math-inl.h"

#if defined(NF_KERNELS_MAPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_MAPS_INL_H_
#undef NF_KERNELS_MAPS_INL_H_
#else
#define NF_KERNELS_MAPS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A vector with operators.
struct MapVec {
  FloatVec v;
  explicit HWY_INLINE MapVec(FloatVec vector) : v(vector) {}
  explicit HWY_INLINE MapVec(int constant) : v(hn::Set(FloatTag(), static_cast<float>(constant))) {}
};

HWY_INLINE MapVec operator+(MapVec a, MapVec b) { return MapVec(hn::Add(a.v, b.v)); }
HWY_INLINE MapVec operator-(MapVec a, MapVec b) { return MapVec(hn::Sub(a.v, b.v)); }
HWY_INLINE MapVec operator-(MapVec a) { return MapVec(hn::Neg(a.v)); }
HWY_INLINE MapVec operator*(MapVec a, MapVec b) { return MapVec(hn::Mul(a.v, b.v)); }
HWY_INLINE MapVec MulAdd(MapVec a, MapVec b, MapVec c) { return MapVec(hn::MulAdd(a.v, b.v, c.v)); }
HWY_INLINE MapVec Exp(MapVec x) { return MapVec(Exp(FloatTag(), x.v)); }
HWY_INLINE MapVec ExpM1(MapVec x) { return MapVec(ExpM1(FloatTag(), x.v)); }
HWY_INLINE MapVec Tanh(MapVec x) { return MapVec(Tanh(FloatTag(), x.v)); }
HWY_INLINE MapVec Sigmoid(MapVec x) { return MapVec(Sigmoid(FloatTag(), x.v)); }
HWY_INLINE MapVec Softplus(MapVec x) { return MapVec(Softplus(FloatTag(), x.v)); }
// (1 + erf(x / sqrt(2))) / 2.
HWY_INLINE MapVec NormalCdf(MapVec x) {
  const FloatTag d;
  const FloatVec half = hn::Set(d, 0.5f);
  return MapVec(hn::MulAdd(half, Erf(d, hn::Mul(x.v, hn::Set(d, 0.707106781f))), half));
}
HWY_INLINE MapVec NormalPdf(MapVec x) {
  const FloatTag d;
  const FloatVec e = ExpNegative(d, hn::Mul(hn::Mul(x.v, x.v), hn::Set(d, -0.5f)));
  return MapVec(hn::Mul(e, hn::Set(d, 0.398942280f)));  // 1 / sqrt(2 pi)
}
HWY_INLINE MapVec IfPositive(MapVec x, MapVec then, MapVec other) {
  return MapVec(hn::IfThenElse(hn::Gt(x.v, hn::Zero(FloatTag())), then.v, other.v));
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_MAPS_INL_H_
