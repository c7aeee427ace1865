// Exponentials and their kin on f32 vectors. Largest errors against double over all magnitudes,
// with and without FMA (asserted by kernels/activations_test.cc and math_test.cc): Tanh 2.5 ULP,
// Sigmoid 2.4, Softplus 2.8, ExpM1 1.1, Erf 1.4, ExpNegative 1.1, LogAboveOne 2. NaN comes
// through each of them; denormal results are kept, but for ExpNegative's.
// hwy/contrib/math was not used: it clamps NaN to a number on x86 and promises 4 ULP.
#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"

#if defined(NF_SIMD_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_SIMD_MATH_INL_H_
#undef NF_SIMD_MATH_INL_H_
#else
#define NF_SIMD_MATH_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// x = n ln2 + r, |r| <= ln2 / 2, and expm1(r). n is kept within what a float can hold.
template <class D, class V = hn::Vec<D>>
struct ReducedExp {
  hn::Vec<hn::RebindToSigned<D>> n;
  V expm1_r;
};

template <class D, class V = hn::Vec<D>>
HWY_INLINE ReducedExp<D> ReduceExp(D d, V x) {
  // Compare and select rather than Min/Max: those may turn NaN into a number. Beyond the bounds the
  // result is 0 or infinity anyway.
  const V low = hn::Set(d, -104.0f), high = hn::Set(d, 89.0f);
  x = hn::IfThenElse(hn::Lt(x, low), low, x);
  x = hn::IfThenElse(hn::Gt(x, high), high, x);
  const auto n = hn::NearestInt(hn::Mul(x, hn::Set(d, 1.44269504f)));
  const V nf = hn::ConvertTo(d, n);
  // Cody and Waite: ln2 in two parts, the first short enough for n * part to be exact.
  V r = hn::NegMulAdd(nf, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(nf, hn::Set(d, -2.12194440e-4f), r);
  // Minimax for (expm1(r) - r) / r^2, relative error of expm1 1.4e-8.
  V p = hn::Set(d, 0.00138824534f);
  p = hn::MulAdd(p, r, hn::Set(d, 0.00836684691f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0416672105f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.166665412f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.499999981f));
  return {n, hn::MulAdd(hn::Mul(r, r), p, r)};
}

// 2^n for -126 <= n <= 127.
template <class D, class VI>
HWY_INLINE hn::Vec<D> Pow2(D d, VI n) {
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(n, hn::Set(di, 127))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp(D d, V x) {
  const auto e = ReduceExp(d, x);
  // Two factors, because n reaches -150 (denormals) and 128 (values just below overflow).
  const auto half = hn::ShiftRight<1>(e.n);
  const V p = hn::Add(e.expm1_r, hn::Set(d, 1.0f));
  return hn::Mul(hn::Mul(p, Pow2(d, half)), Pow2(d, hn::Sub(e.n, half)));
}

// e^x for x <= 0 (or a rounding error above), 0 for x < -87, where the result leaves the normal
// numbers: a third fewer operations than Exp. e^0 is 1 exactly.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpNegative(D d, V x) {
  const hn::RebindToSigned<D> di;
  // Adding 1.5 * 2^23 rounds to the nearest integer n and leaves it in the low bits.
  const V magic = hn::Set(d, 12582912.0f);
  const V rounded = hn::MulAdd(x, hn::Set(d, 1.44269504f), magic);
  const V nf = hn::Sub(rounded, magic);
  V r = hn::NegMulAdd(nf, hn::Set(d, 0.693359375f), x);
  r = hn::NegMulAdd(nf, hn::Set(d, -2.12194440e-4f), r);
  V p = hn::Set(d, 0.00138824534f);  // as in ReduceExp
  p = hn::MulAdd(p, r, hn::Set(d, 0.00836684691f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0416672105f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.166665412f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.499999981f));
  p = hn::Add(hn::MulAdd(hn::Mul(r, r), p, r), hn::Set(d, 1.0f));
  const auto bits = hn::Add(hn::BitCast(di, rounded), hn::Set(di, 127));
  const V y = hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<23>(bits)));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, -87.0f)), y);
}

// e^x - 1 for x <= 0, accurate near 0 as well; -0 stays.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpM1(D d, V x) {
  const V low = hn::Set(d, -60.0f);  // e^-60 is far below half an ULP of 1, and 2^n stays normal
  const auto e = ReduceExp(d, hn::IfThenElse(hn::Lt(x, low), low, x));
  const V scale = Pow2(d, e.n);
  const V y = hn::MulAdd(scale, e.expm1_r, hn::Sub(scale, hn::Set(d, 1.0f)));
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);
}

// log(1 + u) for 0 <= u <= 1: 2 atanh(s) with s = u / (2 + u) <= 1/3, no range reduction.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Log1pUnit(D d, V u) {
  const V s = hn::Div(u, hn::Add(u, hn::Set(d, 2.0f)));
  const V z = hn::Mul(s, s);
  V p = hn::Set(d, 0.280244595f);  // minimax, relative error 4.5e-9
  p = hn::MulAdd(p, z, hn::Set(d, 0.279991409f));
  p = hn::MulAdd(p, z, hn::Set(d, 0.400216991f));
  p = hn::MulAdd(p, z, hn::Set(d, 0.666664131f));
  return hn::MulAdd(hn::Mul(s, z), p, hn::Add(s, s));
}

// log(x) for finite x >= 1.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LogAboveOne(D d, V x) {
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x);
  const V exponent = hn::ConvertTo(d, hn::Sub(hn::ShiftRight<23>(bits), hn::Set(di, 127)));
  const auto mantissa = hn::And(bits, hn::Set(di, 0x7FFFFF));
  const V f = hn::BitCast(d, hn::Or(mantissa, hn::Set(di, 0x3F800000)));  // [1, 2)
  const V y =
      hn::MulAdd(exponent, hn::Set(d, 0.693147181f), Log1pUnit(d, hn::Sub(f, hn::Set(d, 1.0f))));
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V Erf(D d, V x) {
  const V t = hn::Abs(x), s = hn::Mul(x, x), one = hn::Set(d, 1.0f);
  // Below 0.9375: x + x P(x^2). Minimax, relative error 1.9e-8.
  V p = hn::Set(d, -0.0005919419f);
  p = hn::MulAdd(p, s, hn::Set(d, 0.004979131f));
  p = hn::MulAdd(p, s, hn::Set(d, -0.026757035f));
  p = hn::MulAdd(p, s, hn::Set(d, 0.11281552f));
  p = hn::MulAdd(p, s, hn::Set(d, -0.37612468f));
  p = hn::MulAdd(p, s, hn::Set(d, 0.12837915f));
  const V near = hn::MulAdd(x, p, x);
  // From there on: 1 - e^(-t + t Q(t)). Minimax to 4, error of erf 2.9e-9; above it is 1.
  const V four = hn::Set(d, 4.0f);
  const V u = hn::IfThenElse(hn::Gt(t, four), four, t);
  V q = hn::Set(d, 0.00021337513f);
  q = hn::MulAdd(q, u, hn::Set(d, -0.0032099064f));
  q = hn::MulAdd(q, u, hn::Set(d, 0.022873692f));
  q = hn::MulAdd(q, u, hn::Set(d, -0.105236314f));
  q = hn::MulAdd(q, u, hn::Set(d, -0.63573784f));
  q = hn::MulAdd(q, u, hn::Set(d, -0.12850855f));
  const V far = hn::Sub(one, ExpNegative(d, hn::MulAdd(u, q, hn::Neg(u))));
  return hn::IfThenElse(hn::Gt(t, hn::Set(d, 0.9375f)), hn::CopySign(far, x), near);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V Tanh(D d, V x) {
  const V t = ExpM1(d, hn::Mul(hn::Abs(x), hn::Set(d, -2.0f)));  // in [-1, 0]
  const V y = hn::Div(t, hn::Add(t, hn::Set(d, 2.0f)));
  return hn::CopySign(y, x);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V Sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V e = Exp(d, hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
}

// log(1 + e^x). torch returns x itself above 20; in f32 that is the same number.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Softplus(D d, V x) {
  const V positive = hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x);
  return hn::Add(positive, Log1pUnit(d, Exp(d, hn::Neg(hn::Abs(x)))));
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_SIMD_MATH_INL_H_
