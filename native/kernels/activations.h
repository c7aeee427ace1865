// Element-wise activations of a fused linear layer.
#ifndef NF_KERNELS_ACTIVATIONS_H_
#define NF_KERNELS_ACTIVATIONS_H_

#include <cstddef>
#include <cstdint>

namespace nf {

// Every one of these has a derivative that can be written with the output y alone, so a layer keeps
// y and never the pre-activation. torch defaults: LeakyReLU slope 0.01, SELU's two constants,
// ELU 1.
enum class Activation : uint8_t {
  kNone,
  kRelu,
  kTanh,
  kSigmoid,
  kSoftplus,
  kSelu,
  kLeakyRelu,
  kElu
};

constexpr float kLeakySlope = 0.01f;
constexpr float kSeluScale = 1.0507009873554805f;
constexpr float kSeluScaleAlpha = 1.7580993408473766f;  // scale * alpha

struct ActivationKernels {
  // y[i] = act(x[i]); y may be x.
  void (*forward)(Activation act, const float* x, float* y, size_t n);
  // dx[i] = dy[i] * act'(.) from the output y[i]; dx may be dy.
  void (*backward)(Activation act, const float* y, const float* dy, float* dx, size_t n);
};

}  // namespace nf

#endif  // NF_KERNELS_ACTIVATIONS_H_
