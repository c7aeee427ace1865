// Exponentials and their kin on f32 vectors. Largest errors against double over all magnitudes,
// with and without FMA (asserted by kernels/activations_test.cc): Tanh 2.5 ULP, Sigmoid 2.4,
// Softplus 2.8, ExpM1 1.1. NaN comes through each of them; denormal results are kept.
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
