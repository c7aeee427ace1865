// What moves values between times and channels; what a matrix product needs to become a
// convolution. x is [time, channels], row-major; channels >= 1.
#ifndef NF_KERNELS_LAYOUT_H_
#define NF_KERNELS_LAYOUT_H_

#include <cstddef>

namespace nf {

// Taps j = 0 .. kernel - 1 of a convolution read x[t + (j - left) * dilation]; beyond the ends are
// zeros, or x again from its other end. left = kernel - 1 is causal.
struct UnfoldShape {
  size_t time, channels, kernel, dilation, left;
  bool circular;
};

struct LayoutKernels {
  // y[t, c * kernel + j] = tap j of channel c at t: y is [time, channels * kernel], so that its
  // product with torch's Conv1d weight [out, channels, kernel] is the convolution.
  void (*unfold)(const float* x, const UnfoldShape& shape, float* y);
  // The gradient of x: dx (+)= what unfold took from it, in ascending t of dy.
  void (*fold)(const float* dy, const UnfoldShape& shape, bool accumulate, float* dx);
  // y[c, t] = x[t, c].
  void (*transpose)(const float* x, size_t time, size_t channels, float* y);
};

}  // namespace nf

#endif  // NF_KERNELS_LAYOUT_H_
