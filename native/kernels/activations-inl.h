// Activations on vectors: shared by the array kernels of activations.cc and the GEMM epilogue.
#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/activations.h"
#include "simd/math-inl.h"

#if defined(NF_KERNELS_ACTIVATIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_ACTIVATIONS_INL_H_
#undef NF_KERNELS_ACTIVATIONS_INL_H_
#else
#define NF_KERNELS_ACTIVATIONS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// y = act(x). Comparisons are written so that NaN takes the branch that keeps it.
template <Activation kAct, class D, class V = hn::Vec<D>>
HWY_INLINE V ActivateAs(D d, V x) {
  [[maybe_unused]] const V zero = hn::Zero(d);
  if constexpr (kAct == Activation::kRelu) {
    return hn::IfThenZeroElse(hn::Lt(x, zero), x);
  } else if constexpr (kAct == Activation::kTanh) {
    return Tanh(d, x);
  } else if constexpr (kAct == Activation::kSigmoid) {
    return Sigmoid(d, x);
  } else if constexpr (kAct == Activation::kSoftplus) {
    return Softplus(d, x);
  } else if constexpr (kAct == Activation::kSelu) {
    const V negative =
        hn::Mul(ExpM1(d, hn::IfThenZeroElse(hn::Gt(x, zero), x)), hn::Set(d, kSeluScaleAlpha));
    return hn::IfThenElse(hn::Gt(x, zero), hn::Mul(x, hn::Set(d, kSeluScale)), negative);
  } else if constexpr (kAct == Activation::kLeakyRelu) {
    return hn::IfThenElse(hn::Gt(x, zero), x, hn::Mul(x, hn::Set(d, kLeakySlope)));
  } else if constexpr (kAct == Activation::kElu) {
    return hn::IfThenElse(hn::Gt(x, zero), x, ExpM1(d, hn::IfThenZeroElse(hn::Gt(x, zero), x)));
  } else {
    static_assert(kAct == Activation::kNone);
    return x;
  }
}

// dx = dy * act'(.) from the output y.
template <Activation kAct, class D, class V = hn::Vec<D>>
HWY_INLINE V ActivateBackwardAs(D d, V y, V dy) {
  [[maybe_unused]] const V zero = hn::Zero(d);
  [[maybe_unused]] const V one = hn::Set(d, 1.0f);
  if constexpr (kAct == Activation::kRelu) {
    return hn::IfThenZeroElse(hn::Le(y, zero), dy);
  } else if constexpr (kAct == Activation::kTanh) {
    // (1 - y)(1 + y), not 1 - y^2: the first factor is exact near saturation.
    return hn::Mul(dy, hn::Mul(hn::Sub(one, y), hn::Add(one, y)));
  } else if constexpr (kAct == Activation::kSigmoid) {
    return hn::Mul(dy, hn::Mul(y, hn::Sub(one, y)));
  } else if constexpr (kAct == Activation::kSoftplus) {
    return hn::Mul(dy, hn::Neg(ExpM1(d, hn::Neg(y))));  // sigmoid(x) = 1 - e^-y
  } else if constexpr (kAct == Activation::kSelu) {
    const V scale = hn::Set(d, kSeluScale);
    return hn::Mul(dy,
                   hn::IfThenElse(hn::Gt(y, zero), scale, hn::Add(y, hn::Set(d, kSeluScaleAlpha))));
  } else if constexpr (kAct == Activation::kLeakyRelu) {
    return hn::IfThenElse(hn::Gt(y, zero), dy, hn::Mul(dy, hn::Set(d, kLeakySlope)));
  } else if constexpr (kAct == Activation::kElu) {
    return hn::Mul(dy, hn::IfThenElse(hn::Gt(y, zero), one, hn::Add(y, one)));
  } else {
    static_assert(kAct == Activation::kNone);
    return dy;
  }
}

// Calls Body::template Run<kAct>(args...) for the activation's constant: the switch stands outside
// the loops.
template <class Body, class... Args>
HWY_INLINE void WithActivation(Activation act, Args... args) {
  switch (act) {
    case Activation::kNone:
      return Body::template Run<Activation::kNone>(args...);
    case Activation::kRelu:
      return Body::template Run<Activation::kRelu>(args...);
    case Activation::kTanh:
      return Body::template Run<Activation::kTanh>(args...);
    case Activation::kSigmoid:
      return Body::template Run<Activation::kSigmoid>(args...);
    case Activation::kSoftplus:
      return Body::template Run<Activation::kSoftplus>(args...);
    case Activation::kSelu:
      return Body::template Run<Activation::kSelu>(args...);
    case Activation::kLeakyRelu:
      return Body::template Run<Activation::kLeakyRelu>(args...);
    case Activation::kElu:
      return Body::template Run<Activation::kElu>(args...);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_ACTIVATIONS_INL_H_
