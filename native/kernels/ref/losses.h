// Scalar twins of the losses, for any floating-point type.
#ifndef NF_KERNELS_REF_LOSSES_H_
#define NF_KERNELS_REF_LOSSES_H_

#include <cmath>
#include <cstddef>

#include "kernels/losses.h"

namespace nf::ref {

template <class T>
struct LossAndSlope {
  T loss, slope;  // slope: d loss / d y_hat
};

// -1, 1, or v itself where that is 0 or NaN.
template <class T>
T Sign(T v) {
  return v > T{0} ? T{1} : v < T{0} ? T{-1} : v;
}

template <class T>
LossAndSlope<T> Huber(T v, T delta) {
  if (std::abs(v) <= delta) return {T{0.5} * v * v, v};
  return {delta * (std::abs(v) - T{0.5} * delta), delta * Sign(v)};
}

template <class T>
LossAndSlope<T> PointLoss(LossKind kind, T y, T y_hat, T q, T delta) {
  const T e = y - y_hat;
  const T side = e < T{0} ? T{1} - q : q;  // weight of this side of a quantile
  switch (kind) {
    case LossKind::kMae:
      return {std::abs(e), -Sign(e)};
    case LossKind::kMse:
      return {e * e, T{-2} * e};
    case LossKind::kHuber:
      return {Huber(e, delta).loss, -Huber(e, delta).slope};
    case LossKind::kMape: {
      const T inverse = y == T{0} ? T{0} : T{1} / std::abs(y);
      return {std::abs(e) * inverse, -Sign(e) * inverse};
    }
    case LossKind::kSmape: {
      const T scale = std::abs(y) + std::abs(y_hat);
      if (scale == T{0}) return {T{0}, T{0}};
      const T ratio = std::abs(e) / scale;
      return {T{2} * ratio, T{-2} * (Sign(e) + ratio * Sign(y_hat)) / scale};
    }
    case LossKind::kQuantile:
      return {side * std::abs(e), e == T{0} ? T{0.5} - q : -side * Sign(e)};
    case LossKind::kHuberQuantile:
      return {side * Huber(e, delta).loss, -side * Huber(e, delta).slope};
    case LossKind::kHuberMultiQuantile:
      return {Huber(side * e, delta).loss, -side * Huber(side * e, delta).slope};
  }
  return {T{0}, T{0}};
}

// As LossKernels::loss. quantiles is read only if it is not nullptr.
template <class T>
double Loss(LossKind kind, T delta, const T* quantiles, size_t points, size_t outputs,
            const T* y_hat, const T* y, const T* weight, T grad_scale, T* grad) {
  double sum = 0.0;
  for (size_t p = 0; p < points; ++p) {
    for (size_t k = 0; k < outputs; ++k) {
      const size_t i = p * outputs + k;
      const T w = weight[p];
      LossAndSlope<T> point{T{0}, T{0}};
      if (w != T{0})
        point = PointLoss(kind, y[p], y_hat[i], quantiles ? quantiles[k] : T{0}, delta);
      sum += static_cast<double>(w * point.loss);
      if (grad) grad[i] = w * grad_scale * point.slope;
    }
  }
  return sum;
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_LOSSES_H_
