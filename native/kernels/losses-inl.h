// Losses on vectors.
#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "kernels/losses.h"
#include "simd/loop-inl.h"

#if defined(NF_KERNELS_LOSSES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_KERNELS_LOSSES_INL_H_
#undef NF_KERNELS_LOSSES_INL_H_
#else
#define NF_KERNELS_LOSSES_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct LossAndSlope {
  FloatVec loss, slope;  // slope: d loss / d y_hat
};

// -1, 1, or v itself where that is 0 or NaN.
HWY_INLINE FloatVec Sign(FloatVec v) {
  const FloatTag d;
  const FloatVec one = hn::Set(d, 1.0f), zero = hn::Zero(d);
  const FloatVec positive = hn::IfThenElse(hn::Gt(v, zero), one, v);
  return hn::IfThenElse(hn::Lt(v, zero), hn::Neg(one), positive);
}

// huber(v) and its derivative.
HWY_INLINE LossAndSlope Huber(FloatVec v, FloatVec delta) {
  const FloatTag d;
  const FloatVec half = hn::Set(d, 0.5f), size = hn::Abs(v);
  const auto inner = hn::Le(size, delta);
  const FloatVec linear = hn::Mul(delta, hn::Sub(size, hn::Mul(half, delta)));
  return {hn::IfThenElse(inner, hn::Mul(half, hn::Mul(v, v)), linear),
          hn::IfThenElse(inner, v, hn::Mul(delta, Sign(v)))};
}

HWY_INLINE LossAndSlope Mape(FloatVec y, FloatVec e) {
  const FloatTag d;
  const FloatVec size = hn::Abs(y);
  const FloatVec inverse =
      hn::IfThenZeroElse(hn::Eq(size, hn::Zero(d)), hn::Div(hn::Set(d, 1.0f), size));
  return {hn::Mul(hn::Abs(e), inverse), hn::Neg(hn::Mul(Sign(e), inverse))};
}

HWY_INLINE LossAndSlope Smape(FloatVec y, FloatVec y_hat, FloatVec e) {
  const FloatTag d;
  const FloatVec two = hn::Set(d, 2.0f);
  const FloatVec scale = hn::Add(hn::Abs(y), hn::Abs(y_hat));
  const auto empty = hn::Eq(scale, hn::Zero(d));
  const FloatVec ratio = hn::Div(hn::Abs(e), scale);
  // d ratio / d y_hat = (-sign(e) - ratio sign(y_hat)) / scale
  const FloatVec slope = hn::Div(hn::Add(Sign(e), hn::Mul(ratio, Sign(y_hat))), scale);
  return {hn::IfThenZeroElse(empty, hn::Mul(two, ratio)),
          hn::IfThenZeroElse(empty, hn::Neg(hn::Mul(two, slope)))};
}

HWY_INLINE LossAndSlope Quantile(FloatVec e, FloatVec q) {
  const FloatTag d;
  const FloatVec zero = hn::Zero(d);
  const FloatVec factor = hn::IfThenElse(hn::Lt(e, zero), hn::Sub(q, hn::Set(d, 1.0f)), q);
  const FloatVec slope =
      hn::IfThenElse(hn::Eq(e, zero), hn::Sub(hn::Set(d, 0.5f), q), hn::Neg(factor));
  return {hn::Mul(factor, e), hn::IfThenElse(hn::IsNaN(e), e, slope)};
}

template <LossKind kKind>
HWY_INLINE LossAndSlope PointLoss(FloatVec y, FloatVec y_hat, FloatVec q, FloatVec delta) {
  const FloatTag d;
  const FloatVec e = hn::Sub(y, y_hat);
  if constexpr (kKind == LossKind::kMae) {
    return {hn::Abs(e), hn::Neg(Sign(e))};
  } else if constexpr (kKind == LossKind::kMse) {
    return {hn::Mul(e, e), hn::Mul(hn::Set(d, -2.0f), e)};
  } else if constexpr (kKind == LossKind::kHuber) {
    const LossAndSlope h = Huber(e, delta);
    return {h.loss, hn::Neg(h.slope)};
  } else if constexpr (kKind == LossKind::kMape) {
    return Mape(y, e);
  } else if constexpr (kKind == LossKind::kSmape) {
    return Smape(y, y_hat, e);
  } else if constexpr (kKind == LossKind::kQuantile) {
    return Quantile(e, q);
  } else {
    const FloatVec factor = hn::IfThenElse(hn::Lt(e, hn::Zero(d)), hn::Sub(hn::Set(d, 1.0f), q), q);
    if constexpr (kKind == LossKind::kHuberQuantile) {
      const LossAndSlope h = Huber(e, delta);
      return {hn::Mul(factor, h.loss), hn::Neg(hn::Mul(factor, h.slope))};
    } else {
      static_assert(kKind == LossKind::kHuberMultiQuantile);
      const LossAndSlope h = Huber(hn::Mul(factor, e), delta);
      return {h.loss, hn::Neg(hn::Mul(factor, h.slope))};
    }
  }
}

// n elements that lie side by side in all arrays; q may be nullptr (a kind without quantiles).
template <LossKind kKind>
HWY_INLINE double LossSpan(const LossArgs& args, const float* y_hat, const float* y,
                           const float* weight, const float* q, float* grad, size_t n) {
  const FloatTag d;
  const hn::Repartition<double, FloatTag> dd;
  const FloatVec delta = hn::Set(d, args.delta), scale = hn::Set(d, args.grad_scale);
  auto sum0 = hn::Zero(dd), sum1 = hn::Zero(dd);
  ForLanes(n, [&](size_t i, auto lanes) HWY_ATTR {
    const FloatVec w = lanes.Load(weight + i);
    const auto masked = hn::Eq(w, hn::Zero(d));
    const LossAndSlope point = PointLoss<kKind>(lanes.Load(y + i), lanes.Load(y_hat + i),
                                                q ? lanes.Load(q + i) : hn::Zero(d), delta);
    const FloatVec loss = hn::IfThenZeroElse(masked, hn::Mul(w, point.loss));
    sum0 = hn::Add(sum0, hn::PromoteLowerTo(dd, loss));
    sum1 = hn::Add(sum1, hn::PromoteUpperTo(dd, loss));
    if (grad) {
      const FloatVec slope = hn::Mul(hn::Mul(w, scale), point.slope);
      lanes.Store(hn::IfThenZeroElse(masked, slope), grad + i);
    }
  });
  return hn::ReduceSum(dd, hn::Add(sum0, sum1));
}

// Quantiles lie innermost: y, weight and q are spread out to them a chunk at a time.
template <LossKind kKind>
HWY_INLINE double LossSpread(const LossArgs& args) {
  constexpr size_t kChunk = 512;
  HWY_ALIGN float y[kChunk], weight[kChunk], q[kChunk];
  const size_t n = args.rows * args.horizon * args.outputs;
  double sum = 0.0;
  size_t point = 0, quantile = 0;
  for (size_t begin = 0; begin < n; begin += kChunk) {
    const size_t count = HWY_MIN(kChunk, n - begin);
    for (size_t i = 0; i < count; ++i) {
      y[i] = args.y[point];
      weight[i] = args.weight[point];
      q[i] = args.quantiles[quantile];
      if (++quantile == args.outputs) quantile = 0, ++point;
    }
    sum += LossSpan<kKind>(args, args.y_hat + begin, y, weight, q,
                           args.grad ? args.grad + begin : nullptr, count);
  }
  return sum;
}

template <LossKind kKind>
HWY_INLINE double LossFlat(const LossArgs& args) {
  return LossSpan<kKind>(args, args.y_hat, args.y, args.weight, nullptr, args.grad,
                         args.rows * args.horizon);
}

inline double Loss(const LossArgs& args) {
  switch (args.kind) {
    case LossKind::kMae:
      return LossFlat<LossKind::kMae>(args);
    case LossKind::kMse:
      return LossFlat<LossKind::kMse>(args);
    case LossKind::kHuber:
      return LossFlat<LossKind::kHuber>(args);
    case LossKind::kMape:
      return LossFlat<LossKind::kMape>(args);
    case LossKind::kSmape:
      return LossFlat<LossKind::kSmape>(args);
    case LossKind::kQuantile:
      return LossSpread<LossKind::kQuantile>(args);
    case LossKind::kHuberQuantile:
      return LossSpread<LossKind::kHuberQuantile>(args);
    case LossKind::kHuberMultiQuantile:
      return LossSpread<LossKind::kHuberMultiQuantile>(args);
  }
  return 0.0;
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_KERNELS_LOSSES_INL_H_
