// Scalar twins of normalisation, for any floating-point type.
#ifndef NF_KERNELS_REF_NORM_H_
#define NF_KERNELS_REF_NORM_H_

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/elementwise.h"
#include "kernels/norm.h"

namespace nf::ref {

template <class T>
void LayerForward(const T* x, size_t rows, size_t n, const T* gamma, const T* beta, T epsilon, T* y,
                  T* statistics) {
  for (size_t r = 0; r < rows; ++r, x += n, y += n) {
    T sum{0}, squares{0};
    for (size_t j = 0; j < n; ++j) sum += x[j];
    const T mean = sum / static_cast<T>(n);
    for (size_t j = 0; j < n; ++j) squares += (x[j] - mean) * (x[j] - mean);
    const T factor = T{1} / std::sqrt(squares / static_cast<T>(n) + epsilon);
    for (size_t j = 0; j < n; ++j) y[j] = (x[j] - mean) * factor * gamma[j] + beta[j];
    statistics[2 * r] = mean;
    statistics[2 * r + 1] = factor;
  }
}

template <class T>
void LayerBackward(const T* x, const T* dy, size_t rows, size_t n, const T* gamma,
                   const T* statistics, bool accumulate, T* dx) {
  for (size_t r = 0; r < rows; ++r, x += n, dy += n, dx += n) {
    const T mean = statistics[2 * r], factor = statistics[2 * r + 1];
    T sum{0}, product{0};
    for (size_t j = 0; j < n; ++j) {
      sum += dy[j] * gamma[j];
      product += dy[j] * gamma[j] * (x[j] - mean) * factor;
    }
    sum /= static_cast<T>(n);
    product /= static_cast<T>(n);
    for (size_t j = 0; j < n; ++j) {
      const T part = (dy[j] * gamma[j] - sum - (x[j] - mean) * factor * product) * factor;
      dx[j] = accumulate ? dx[j] + part : part;
    }
  }
}

template <class T>
void LayerGamma(const T* x, const T* dy, const T* statistics, size_t rows, size_t cols, size_t ld,
                T alpha, bool accumulate, T* d_gamma) {
  if (!accumulate) std::fill_n(d_gamma, cols, T{0});
  for (size_t begin = 0; begin < rows; begin += kColumnSumRows) {
    const size_t end = std::min(rows, begin + kColumnSumRows);
    for (size_t j = 0; j < cols; ++j) {
      T sum{0};
      for (size_t r = begin; r < end; ++r) {
        const T z = (x[r * ld + j] - statistics[2 * r]) * statistics[2 * r + 1];
        sum += z * dy[r * ld + j];
      }
      d_gamma[j] += alpha * sum;
    }
  }
}

template <class T>
void ChannelSums(const T* a, const T* b, size_t rows, size_t n, double* sums) {
  std::fill_n(sums, 2 * n, 0.0);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < n; ++j) {
      const double value = a[r * n + j];
      sums[j] += value;
      sums[n + j] += value * static_cast<double>(b[r * n + j]);
    }
  }
}

template <class T>
void ChannelForward(const T* x, size_t rows, size_t n, const T* mean, const T* scale,
                    const T* shift, T* y) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < n; ++j) y[r * n + j] = (x[r * n + j] - mean[j]) * scale[j] + shift[j];
  }
}

template <class T>
void ChannelBackward(const T* x, const T* dy, size_t rows, size_t n, const T* mean, const T* scale,
                     const T* slope, const T* shift, bool accumulate, T* dx) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < n; ++j) {
      const size_t i = r * n + j;
      const T part = dy[i] * scale[j] - shift[j] - (x[i] - mean[j]) * slope[j];
      dx[i] = accumulate ? dx[i] + part : part;
    }
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_NORM_H_
