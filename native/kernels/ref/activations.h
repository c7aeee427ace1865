// Scalar twins of the activations, for any floating-point type.
#ifndef NF_KERNELS_REF_ACTIVATIONS_H_
#define NF_KERNELS_REF_ACTIVATIONS_H_

#include <cmath>
#include <cstddef>

#include "kernels/activations.h"

namespace nf::ref {

// y = act(x).
template <class T>
T Activate(Activation act, T x) {
  switch (act) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return x < T{0} ? T{0} : x;
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSigmoid: {
      const T e = std::exp(-std::abs(x));
      return (x < T{0} ? e : T{1}) / (T{1} + e);
    }
    case Activation::kSoftplus:
      return (x < T{0} ? T{0} : x) + std::log1p(std::exp(-std::abs(x)));
    case Activation::kSelu:
      return x > T{0} ? T{kSeluScale} * x : T{kSeluScaleAlpha} * std::expm1(x);
    case Activation::kLeakyRelu:
      return x > T{0} ? x : T{kLeakySlope} * x;
    case Activation::kElu:
      return x > T{0} ? x : std::expm1(x);
  }
  return x;
}

// d act / dx at the point where act(x) = y.
template <class T>
T ActivationSlope(Activation act, T y) {
  switch (act) {
    case Activation::kNone:
      return T{1};
    case Activation::kRelu:
      return y <= T{0} ? T{0} : T{1};
    case Activation::kTanh:
      return (T{1} - y) * (T{1} + y);
    case Activation::kSigmoid:
      return y * (T{1} - y);
    case Activation::kSoftplus:
      return -std::expm1(-y);
    case Activation::kSelu:
      return y > T{0} ? T{kSeluScale} : y + T{kSeluScaleAlpha};
    case Activation::kLeakyRelu:
      return y > T{0} ? T{1} : T{kLeakySlope};
    case Activation::kElu:
      return y > T{0} ? T{1} : y + T{1};
  }
  return T{1};
}

template <class T>
void ActivationForward(Activation act, const T* x, T* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = Activate(act, x[i]);
}

template <class T>
void ActivationBackward(Activation act, const T* y, const T* dy, T* dx, size_t n) {
  for (size_t i = 0; i < n; ++i) dx[i] = dy[i] * ActivationSlope(act, y[i]);
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_ACTIVATIONS_H_
