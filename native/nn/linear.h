// Dense layers.
#ifndef NF_NN_LINEAR_H_
#define NF_NN_LINEAR_H_

#include <string>

#include "graph/recorder.h"
#include "kernels/activations.h"

namespace nf {

// torch's nn.Linear over the last dimension, with an activation: x [.., in] -> [.., out].
// Parameters
// "<name>.weight" [out, in] and, if there is one, "<name>.bias" [out], fresh ones uniform in
// +-1/sqrt(in).
Tensor LinearLayer(Recorder& g, Tensor x, int64_t out, Activation act, const std::string& name,
                   bool bias = true);

// A causal convolution along time: x [time, channels] -> [time, out], step t reads t, t - dilation,
// ... t - (kernel - 1) * dilation, zeros before the start. Parameters "<name>.weight" [out,
// channels, kernel] and "<name>.bias" [out], initialised as torch's Conv1d.
Tensor CausalConv(Recorder& g, Tensor x, int64_t out, int64_t kernel, int64_t dilation,
                  Activation act, const std::string& name);

// "ReLU" "Softplus" "Tanh" "SELU" "LeakyReLU" "Sigmoid", as NeuralForecast spells them.
extern const std::vector<std::string> kActivationNames;
Activation ParseActivation(const std::string& name);

}  // namespace nf

#endif  // NF_NN_LINEAR_H_
