// Optimiser steps on vectors.
#include <cmath>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/optim.h"
#include "simd/loop-inl.h"

#if defined(NF_KERNELS_OPTIM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_OPTIM_INL_H_
#undef NF_KERNELS_OPTIM_INL_H_
#else
#define NF_KERNELS_OPTIM_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE FloatVec SetRounded(double value) {
  return hn::Set(FloatTag(), static_cast<float>(value));
}

template <bool kDecoupled>
HWY_INLINE void AdamStep(const OptimArgs& args, float* p, const float* g, float* m, float* v,
                         size_t n) {
  const FloatVec grad_scale = SetRounded(args.grad_scale);
  const FloatVec decay = kDecoupled ? SetRounded(1.0 - args.learning_rate * args.weight_decay)
                                    : SetRounded(args.weight_decay);
  const FloatVec weight1 = SetRounded(1.0 - args.beta1);
  const FloatVec beta2 = SetRounded(args.beta2), weight2 = SetRounded(1.0 - args.beta2);
  // step * m / (sqrt(v) / root2 + epsilon) with root2 multiplied out: divisions and roots are what
  // this loop waits for.
  const double root2 = std::sqrt(args.bias_correction2);
  const FloatVec epsilon = SetRounded(args.epsilon * root2);
  const FloatVec step = SetRounded(-args.learning_rate * root2 / args.bias_correction1);
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    FloatVec parameter = lanes.Load(p + i);
    FloatVec gradient = hn::Mul(lanes.Load(g + i), grad_scale);
    if constexpr (kDecoupled) {
      parameter = hn::Mul(parameter, decay);
    } else {
      gradient = hn::MulAdd(decay, parameter, gradient);
    }
    const FloatVec old_m = lanes.Load(m + i);
    const FloatVec new_m = hn::MulAdd(weight1, hn::Sub(gradient, old_m), old_m);
    const FloatVec square = hn::Mul(hn::Mul(weight2, gradient), gradient);
    const FloatVec new_v = hn::MulAdd(lanes.Load(v + i), beta2, square);
    lanes.Store(new_m, m + i);
    lanes.Store(new_v, v + i);
    const FloatVec denominator = hn::Add(hn::Sqrt(new_v), epsilon);
    lanes.Store(hn::Add(parameter, hn::Div(hn::Mul(step, new_m), denominator)), p + i);
  });
}

inline void Adam(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n) {
  AdamStep<false>(args, p, g, m, v, n);
}

inline void AdamW(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n) {
  AdamStep<true>(args, p, g, m, v, n);
}

inline void Sgd(const OptimArgs& args, float* p, const float* g, float* m, float*, size_t n) {
  const FloatVec grad_scale = SetRounded(args.grad_scale), decay = SetRounded(args.weight_decay);
  const FloatVec momentum = SetRounded(args.momentum), step = SetRounded(-args.learning_rate);
  const bool has_momentum = args.momentum != 0.0;
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    const FloatVec parameter = lanes.Load(p + i);
    FloatVec direction = hn::MulAdd(decay, parameter, hn::Mul(lanes.Load(g + i), grad_scale));
    if (has_momentum) {
      direction = hn::MulAdd(lanes.Load(m + i), momentum, direction);
      lanes.Store(direction, m + i);
    }
    lanes.Store(hn::MulAdd(step, direction, parameter), p + i);
  });
}

inline void RmsProp(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n) {
  const FloatVec grad_scale = SetRounded(args.grad_scale), decay = SetRounded(args.weight_decay);
  const FloatVec alpha = SetRounded(args.alpha), weight = SetRounded(1.0 - args.alpha);
  const FloatVec epsilon = SetRounded(args.epsilon), momentum = SetRounded(args.momentum);
  const FloatVec step = SetRounded(-args.learning_rate);
  const bool has_momentum = args.momentum != 0.0;
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    const FloatVec parameter = lanes.Load(p + i);
    const FloatVec gradient = hn::MulAdd(decay, parameter, hn::Mul(lanes.Load(g + i), grad_scale));
    const FloatVec square = hn::Mul(hn::Mul(weight, gradient), gradient);
    const FloatVec new_v = hn::MulAdd(lanes.Load(v + i), alpha, square);
    lanes.Store(new_v, v + i);
    const FloatVec average = hn::Add(hn::Sqrt(new_v), epsilon);
    FloatVec update;
    if (has_momentum) {
      const FloatVec buffer = hn::MulAdd(lanes.Load(m + i), momentum, hn::Div(gradient, average));
      lanes.Store(buffer, m + i);
      update = hn::Mul(step, buffer);
    } else {
      update = hn::Div(hn::Mul(step, gradient), average);
    }
    lanes.Store(hn::Add(parameter, update), p + i);
  });
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_OPTIM_INL_H_
