// Vector loops that need no table of their own. n counts floats; pointers need no alignment.
#ifndef NF_KERNELS_ELEMENTWISE_H_
#define NF_KERNELS_ELEMENTWISE_H_

#include <cstddef>
#include <cstdint>

#include "kernels/sum_blocks.h"

namespace nf {

constexpr size_t kColumnSumRows = SumBlockRows();

struct ElementwiseKernels {
  void (*sub_mul)(const float* a, const float* b, const float* m, float* out, size_t n);  // (a-b)*m
  void (*axpy)(float alpha, const float* x, float* y, size_t n);   // y += alpha * x
  void (*scale)(float alpha, const float* x, float* y, size_t n);  // y = alpha * x
  void (*reverse)(const float* x, float* y, size_t n);             // y[i] = x[n-1-i]; y != x
  // out[j] (+)= alpha * sum over rows of x[r * ld + j], j < cols. Fixed order: ascending rows in
  // f32 blocks of kColumnSumRows that are added to out in order (a split at a multiple of them
  // with `accumulate` gives the same bits).
  void (*column_sums)(const float* x, size_t rows, size_t cols, size_t ld, float alpha,
                      bool accumulate, float* out);
  // Sum of squares in double, fixed order for a given n (and table).
  double (*sum_squares)(const float* x, size_t n);
  // Inverted dropout: y[i] = x[i] * (keep(i) ? 1 / (1 - p) : 0), so NaN stays NaN. keep(i): draw i
  // is word i % 4 of Philox4x32({i / 4, row, step, op}, seed) (counter words take the low 32 bits);
  // it is kept when (draw >> 8) * 2^-24 >= p. y may be x. The gradient is the same call on dy.
  void (*dropout)(const float* x, float* y, size_t n, float p, uint64_t seed, uint32_t op,
                  uint64_t step, uint32_t row);
};

}  // namespace nf

#endif  // NF_KERNELS_ELEMENTWISE_H_
