// Scalar twins of the elementwise loops, for any floating-point type.
#ifndef NF_KERNELS_REF_ELEMENTWISE_H_
#define NF_KERNELS_REF_ELEMENTWISE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/elementwise.h"
#include "util/rng.h"

namespace nf::ref {

template <class T>
void SubMul(const T* a, const T* b, const T* m, T* out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = (a[i] - b[i]) * m[i];
}

template <class T>
void Axpy(T alpha, const T* x, T* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}

template <class T>
void Scale(T alpha, const T* x, T* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = alpha * x[i];
}

template <class T>
void Reverse(const T* x, T* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = x[n - 1 - i];
}

// Rows outside, columns inside, so that memory is walked forwards; 64 columns of sums at a time.
template <class T>
void ColumnSums(const T* x, size_t rows, size_t cols, size_t ld, T alpha, bool accumulate, T* out) {
  constexpr size_t kColumns = 64;
  if (!accumulate) std::fill(out, out + cols, T{0});
  for (size_t begin = 0; begin < rows; begin += kColumnSumRows) {
    const size_t end = std::min(rows, begin + kColumnSumRows);
    for (size_t j = 0; j < cols; j += kColumns) {
      const size_t width = std::min(kColumns, cols - j);
      T sum[kColumns] = {};
      for (size_t r = begin; r < end; ++r) {
        for (size_t c = 0; c < width; ++c) sum[c] += x[r * ld + j + c];
      }
      for (size_t c = 0; c < width; ++c) out[j + c] += alpha * sum[c];
    }
  }
}

template <class T>
double SumSquares(const T* x, size_t n) {
  double sum = 0.0;
  for (size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

template <class T>
void Dropout(const T* x, T* y, size_t n, float p, uint64_t seed, uint32_t op, uint64_t step,
             uint32_t row) {
  const T scale = T{1} / (T{1} - T{p});
  for (size_t i = 0; i < n; i += 4) {
    const auto draws =
        Philox4x32({static_cast<uint32_t>(i / 4), row, static_cast<uint32_t>(step), op},
                   {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
    for (size_t j = i; j < std::min(n, i + 4); ++j) {
      const bool keep = static_cast<float>(draws[j - i] >> 8) * 0x1p-24f >= p;
      y[j] = x[j] * (keep ? scale : T{0});
    }
  }
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_ELEMENTWISE_H_
