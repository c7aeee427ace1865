// Normalisation: of layers (Ba et al., 2016), every vector of n floats to mean 0 and variance 1,
// and of batches (Ioffe and Szegedy, 2015), every channel over all vectors; then scaled and shifted
// by channel.
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

  // By channel of a and b [rows, n]: sums[j] of a and sums[n + j] of a * b, in double, ascending
  // rows.
  void (*channel_sums)(const float* a, const float* b, size_t rows, size_t n, double* sums);
  // y = (x - mean) * scale + shift for x [rows, n], the others [n]; y may be x.
  void (*channel_forward)(const float* x, size_t rows, size_t n, const float* mean,
                          const float* scale, const float* shift, float* y);
  // dx (+)= dy * scale - (x - mean) * slope - shift; dx may be dy unless it accumulates.
  void (*channel_backward)(const float* x, const float* dy, size_t rows, size_t n,
                           const float* mean, const float* scale, const float* slope,
                           const float* shift, bool accumulate, float* dx);
};

}  // namespace nf

#endif  // NF_KERNELS_NORM_H_
