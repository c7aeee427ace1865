// Scalar twins of gates, softmax and weighted sums, for any floating-point type.
#ifndef NF_KERNELS_REF_GATING_H_
#define NF_KERNELS_REF_GATING_H_

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/gating.h"
#include "kernels/ref/activations.h"

namespace nf::ref {

template <class T>
void GluForward(const T* x, size_t rows, size_t n, T* y) {
  for (size_t r = 0; r < rows; ++r, x += 2 * n, y += n) {
    for (size_t j = 0; j < n; ++j) y[j] = x[j] * Activate(Activation::kSigmoid, x[n + j]);
  }
}

template <class T>
void GluBackward(const T* x, const T* dy, size_t rows, size_t n, bool accumulate, T* dx) {
  for (size_t r = 0; r < rows; ++r, x += 2 * n, dx += 2 * n, dy += n) {
    for (size_t j = 0; j < n; ++j) {
      const T gate = Activate(Activation::kSigmoid, x[n + j]);
      const T da = dy[j] * gate, db = dy[j] * x[j] * gate * (T{1} - gate);
      dx[j] = accumulate ? dx[j] + da : da;
      dx[n + j] = accumulate ? dx[n + j] + db : db;
    }
  }
}

template <class T>
void SoftmaxForward(const T* x, size_t rows, size_t n, T* y) {
  if (n == 0) return;
  for (size_t r = 0; r < rows; ++r, x += n, y += n) {
    const T most = *std::max_element(x, x + n);
    T sum{0};
    for (size_t j = 0; j < n; ++j) sum += y[j] = std::exp(x[j] - most);
    for (size_t j = 0; j < n; ++j) y[j] /= sum;
  }
}

template <class T>
void SoftmaxBackward(const T* y, const T* dy, size_t rows, size_t n, bool accumulate, T* dx) {
  for (size_t r = 0; r < rows; ++r, y += n, dy += n, dx += n) {
    T mean{0};
    for (size_t j = 0; j < n; ++j) mean += y[j] * dy[j];
    for (size_t j = 0; j < n; ++j) {
      const T part = y[j] * (dy[j] - mean);
      dx[j] = accumulate ? dx[j] + part : part;
    }
  }
}

template <class T>
void ScaleRows(const T* w, size_t stride, const T* x, size_t rows, size_t n, bool accumulate,
               T* y) {
  for (size_t r = 0; r < rows; ++r, x += n, y += n) {
    for (size_t j = 0; j < n; ++j) y[j] = (accumulate ? y[j] : T{0}) + w[r * stride] * x[j];
  }
}

template <class T>
void DotRows(const T* a, const T* b, size_t rows, size_t n, size_t stride, bool accumulate,
             T* out) {
  for (size_t r = 0; r < rows; ++r, a += n, b += n) {
    T sum = accumulate ? out[r * stride] : T{0};
    for (size_t j = 0; j < n; ++j) sum += a[j] * b[j];
    out[r * stride] = sum;
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_GATING_H_
