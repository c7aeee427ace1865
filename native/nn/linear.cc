#include "nn/linear.h"

#include <cmath>

#include "ops/linear.h"
#include "ops/unfold.h"
#include "util/error.h"

namespace nf {

Tensor LinearLayer(Recorder& g, Tensor x, int64_t out, Activation act, const std::string& name,
                   bool bias) {
  const int64_t in = g.dims(x).back();
  const double bound = 1.0 / std::sqrt(static_cast<double>(in));
  const Weight weight = g.Parameter(name + ".weight", {out, in}, bound);
  const Weight shift = bias ? g.Parameter(name + ".bias", {out}, bound) : Weight{};
  return Linear(g, x, weight, shift, act);
}

Tensor CausalConv(Recorder& g, Tensor x, int64_t out, int64_t kernel, int64_t dilation,
                  Activation act, const std::string& name) {
  const int64_t channels = g.dims(x)[1];
  const double bound = 1.0 / std::sqrt(static_cast<double>(channels * kernel));
  const Weight weight = g.Parameter(name + ".weight", {out, channels, kernel}, bound);
  const Weight bias = g.Parameter(name + ".bias", {out}, bound);
  return Linear(g, UnfoldCausal(g, x, kernel, dilation), weight, bias, act);
}

const std::vector<std::string> kActivationNames = {"ReLU", "Softplus",  "Tanh",
                                                   "SELU", "LeakyReLU", "Sigmoid"};

Activation ParseActivation(const std::string& name) {
  if (name == "ReLU") return Activation::kRelu;
  if (name == "Softplus") return Activation::kSoftplus;
  if (name == "Tanh") return Activation::kTanh;
  if (name == "SELU") return Activation::kSelu;
  if (name == "LeakyReLU") return Activation::kLeakyRelu;
  NF_CHECK(name == "Sigmoid");
  return Activation::kSigmoid;
}

}  // namespace nf
