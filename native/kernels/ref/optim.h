// Scalar twins of the optimiser steps, for any floating-point type.
#ifndef NF_KERNELS_REF_OPTIM_H_
#define NF_KERNELS_REF_OPTIM_H_

#include <cmath>
#include <cstddef>

#include "kernels/optim.h"

namespace nf::ref {

template <class T, bool kDecoupled>
void AdamStep(const OptimArgs& args, T* p, const T* g, T* m, T* v, size_t n) {
  const T grad_scale = static_cast<T>(args.grad_scale);
  const T l2 = static_cast<T>(args.weight_decay);
  const T keep = static_cast<T>(1.0 - args.learning_rate * args.weight_decay);
  const T weight1 = static_cast<T>(1.0 - args.beta1);
  const T beta2 = static_cast<T>(args.beta2), weight2 = static_cast<T>(1.0 - args.beta2);
  const T root2 = static_cast<T>(std::sqrt(args.bias_correction2));
  const T epsilon = static_cast<T>(args.epsilon);
  const T step = static_cast<T>(-args.learning_rate / args.bias_correction1);
  for (size_t i = 0; i < n; ++i) {
    T gradient = g[i] * grad_scale;
    if (kDecoupled) {
      p[i] *= keep;
    } else {
      gradient += l2 * p[i];
    }
    m[i] += weight1 * (gradient - m[i]);
    v[i] = v[i] * beta2 + weight2 * gradient * gradient;
    p[i] += step * m[i] / (std::sqrt(v[i]) / root2 + epsilon);
  }
}

template <class T>
void Adam(const OptimArgs& args, T* p, const T* g, T* m, T* v, size_t n) {
  AdamStep<T, false>(args, p, g, m, v, n);
}

template <class T>
void AdamW(const OptimArgs& args, T* p, const T* g, T* m, T* v, size_t n) {
  AdamStep<T, true>(args, p, g, m, v, n);
}

template <class T>
void Sgd(const OptimArgs& args, T* p, const T* g, T* m, T*, size_t n) {
  const T grad_scale = static_cast<T>(args.grad_scale), l2 = static_cast<T>(args.weight_decay);
  const T momentum = static_cast<T>(args.momentum);
  const T step = static_cast<T>(-args.learning_rate);
  for (size_t i = 0; i < n; ++i) {
    T direction = g[i] * grad_scale + l2 * p[i];
    if (args.momentum != 0.0) {
      direction += m[i] * momentum;
      m[i] = direction;
    }
    p[i] += step * direction;
  }
}

template <class T>
void RmsProp(const OptimArgs& args, T* p, const T* g, T* m, T* v, size_t n) {
  const T grad_scale = static_cast<T>(args.grad_scale), l2 = static_cast<T>(args.weight_decay);
  const T alpha = static_cast<T>(args.alpha), weight = static_cast<T>(1.0 - args.alpha);
  const T epsilon = static_cast<T>(args.epsilon), momentum = static_cast<T>(args.momentum);
  const T step = static_cast<T>(-args.learning_rate);
  for (size_t i = 0; i < n; ++i) {
    const T gradient = g[i] * grad_scale + l2 * p[i];
    v[i] = v[i] * alpha + weight * gradient * gradient;
    const T average = std::sqrt(v[i]) + epsilon;
    if (args.momentum != 0.0) {
      m[i] = m[i] * momentum + gradient / average;
      p[i] += step * m[i];
    } else {
      p[i] += step * gradient / average;
    }
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_OPTIM_H_
