// Optimiser steps over a range of the flat parameter slab; torch's formulas and operation order.
#ifndef NF_KERNELS_OPTIM_H_
#define NF_KERNELS_OPTIM_H_

#include <cstddef>

namespace nf {

// Doubles, because torch derives 1 - beta and the like in double before it rounds to f32:
// 1 - 0.999 taken in f32 is off by 1e-5.
struct OptimArgs {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;  // adam, adamw
  double alpha = 0.99;                // rmsprop smoothing
  double momentum = 0.0;              // sgd (no dampening, no Nesterov), rmsprop
  double epsilon = 1e-8;
  double weight_decay = 0.0;      // L2 in the gradient; decoupled for adamw
  double grad_scale = 1.0;        // multiplies the gradient first (clipping)
  double bias_correction1 = 1.0;  // 1 - beta1^t
  double bias_correction2 = 1.0;  // 1 - beta2^t
};

// p, g, m, v: n floats each; m: first moment or momentum buffer, v: second moment. Both start as 0.
// A buffer that the method does not use (sgd: v; sgd and rmsprop without momentum: m) may be
// nullptr. An element's bits depend neither on its position nor on n.
struct OptimKernels {
  void (*adam)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
  void (*adamw)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
  void (*sgd)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
  void (*rmsprop)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
};

}  // namespace nf

#endif  // NF_KERNELS_OPTIM_H_
