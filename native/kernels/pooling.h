// Pooling and smoothing along time. x is [rows, time, channels], row-major; channels >= 1.
#ifndef NF_KERNELS_POOLING_H_
#define NF_KERNELS_POOLING_H_

#include <cstddef>

namespace nf {

struct PoolingKernels {
  // Stride = kernel, ceil mode (torch MaxPool1d/AvgPool1d): out time = ceil(time / kernel); the
  // last window may be short, and an average divides by the elements it has.
  void (*max_forward)(const float* x, size_t rows, size_t time, size_t channels, size_t kernel,
                      float* y);
  // dx (+)=: the gradient goes to the first maximum of each window. NaN counts as a maximum.
  void (*max_backward)(const float* x, const float* y, const float* dy, size_t rows, size_t time,
                       size_t channels, size_t kernel, bool accumulate, float* dx);
  void (*average_forward)(const float* x, size_t rows, size_t time, size_t channels, size_t kernel,
                          float* y);
  void (*average_backward)(const float* dy, size_t rows, size_t time, size_t channels,
                           size_t kernel, bool accumulate, float* dx);
  // Stride 1, odd kernel, ends padded by repeating the edge value (DLinear's trend): y[t] = mean of
  // x[clamp(t - kernel/2 ... t + kernel/2)]. x and y: [rows, time]; y != x. Error against the
  // double twin at most 1e-6 relative to max |x|.
  void (*moving_average_forward)(const float* x, size_t rows, size_t time, size_t kernel, float* y);
  void (*moving_average_backward)(const float* dy, size_t rows, size_t time, size_t kernel,
                                  bool accumulate, float* dx);
};

}  // namespace nf

#endif  // NF_KERNELS_POOLING_H_
