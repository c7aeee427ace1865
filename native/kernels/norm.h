// Layer normalisation (Ba et al., 2016): every vector of n floats to mean 0 and variance 1, then
// scaled and shifted by channel.
#ifndef NF_KERNELS_NORM_H_
#define NF_KERNELS_NORM_H_

#include <cstddef>

namespace nf {

struct NormKernels {
  // y = (x - mean) / std * gamma + beta for x [rows, n]; std = sqrt(variance + epsilon), the
  // variance that of all n values (biased), about the mean (two passes). statistics [rows, 2] gets
  // mean and 1 / std. y may be x.
  void (*layer_forward)(const float* x, size_t rows, size_t n, const float* gamma,
                        const float* beta, float epsilon, float* y, float* statistics);
  // dx (+)= the gradient of x, from x, the statistics and dy [rows, n]; dx may be dy unless it
  // accumulates.
  void (*layer_backward)(const float* x, const float* dy, size_t rows, size_t n, const float* gamma,
                         const float* statistics, bool accumulate, float* dx);
  // d_gamma[j] (+)= alpha * sum over rows of dy * (x - mean) / std, for `cols` columns of x and dy,
  // rows ld floats apart. Order as ElementwiseKernels::column_sums, which gives d_beta.
  void (*layer_gamma)(const float* x, const float* dy, const float* statistics, size_t rows,
                      size_t cols, size_t ld, float alpha, bool accumulate, float* d_gamma);
};

}  // namespace nf

#endif  // NF_KERNELS_NORM_H_
