// How a network weighs what passes: gated linear units (Dauphin et al., 2017), softmax, and sums of
// vectors by weight.
#ifndef NF_KERNELS_GATING_H_
#define NF_KERNELS_GATING_H_

#include <cstddef>

namespace nf {

struct GatingKernels {
  // y = a * sigmoid(b) [rows, n] for x = [a | b] [rows, 2n].
  void (*glu_forward)(const float* x, size_t rows, size_t n, float* y);
  // dx (+)= the gradient of x, from x and dy [rows, n].
  void (*glu_backward)(const float* x, const float* dy, size_t rows, size_t n, bool accumulate,
                       float* dx);
  // y = e^x / sum(e^x) in each row of x [rows, n]; y may be x.
  void (*softmax_forward)(const float* x, size_t rows, size_t n, float* y);
  // dx (+)= y * (dy - sum(y * dy)), from the output y; dx may be dy unless it accumulates.
  void (*softmax_backward)(const float* y, const float* dy, size_t rows, size_t n, bool accumulate,
                           float* dx);
  // y (+)= w * x for x, y [rows, n]; the weight of row r is w[r * stride].
  void (*scale_rows)(const float* w, size_t stride, const float* x, size_t rows, size_t n,
                     bool accumulate, float* y);
  // out[r * stride] (+)= a . b, the dot product of row r of a and b [rows, n].
  void (*dot_rows)(const float* a, const float* b, size_t rows, size_t n, size_t stride,
                   bool accumulate, float* out);
};

}  // namespace nf

#endif  // NF_KERNELS_GATING_H_
