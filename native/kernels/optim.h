// Optimiser steps over a range of the flat parameter slab; torch's formulas and operation order.
#ifndef NF_KERNELS_OPTIM_H_
#define NF_KERNELS_OPTIM_H_

#include <cstddef>

namespace nf {

struct OptimArgs {
  float learning_rate = 1e-3f;
  float beta1 = 0.9f, beta2 = 0.999f;  // adam, adamw
  float alpha = 0.99f;                 // rmsprop smoothing
  float momentum = 0.0f;               // sgd, rmsprop
  float epsilon = 1e-8f;
  float weight_decay = 0.0f;      // L2 in the gradient; decoupled for adamw
  float grad_scale = 1.0f;        // multiplies the gradient first (clipping)
  float bias_correction1 = 1.0f;  // 1 - beta1^t
  float bias_correction2 = 1.0f;  // 1 - beta2^t
};

// p, g, m, v: n floats each; m: first moment or momentum buffer, v: second moment.
struct OptimKernels {
  void (*adam)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
  void (*adamw)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
  void (*sgd)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
  void (*rmsprop)(const OptimArgs& args, float* p, const float* g, float* m, float* v, size_t n);
};

}  // namespace nf

#endif  // NF_KERNELS_OPTIM_H_
