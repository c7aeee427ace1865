// Scalar twins of the functions of single values, for any floating-point type.
#ifndef NF_KERNELS_REF_MAPS_H_
#define NF_KERNELS_REF_MAPS_H_

#include <cmath>

#include "kernels/maps.h"

namespace nf::ref {

// What the expressions of maps.inc are made of.
template <class T>
T MulAdd(T a, T b, T c) {
  return a * b + c;
}
template <class T>
T Exp(T x) {
  return std::exp(x);
}
template <class T>
T ExpM1(T x) {
  return std::expm1(x);
}
template <class T>
T Tanh(T x) {
  return std::tanh(x);
}
template <class T>
T Sigmoid(T x) {
  const T e = std::exp(-std::abs(x));
  return (x < T{0} ? e : T{1}) / (T{1} + e);
}
template <class T>
T Softplus(T x) {
  return (x < T{0} ? T{0} : x) + std::log1p(std::exp(-std::abs(x)));
}
template <class T>
T NormalCdf(T x) {
  return T{0.5} * (T{1} + std::erf(x * T{0.70710678118654752}));
}
template <class T>
T NormalPdf(T x) {
  return T{0.39894228040143268} * std::exp(T{-0.5} * x * x);
}
template <class T>
T IfPositive(T x, T then, T other) {
  return x > T{0} ? then : other;
}

#define NF_MAP_INLINE inline
#include "kernels/map_structs.inc"
#undef NF_MAP_INLINE

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_MAPS_H_
