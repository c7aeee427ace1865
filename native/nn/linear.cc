#include "nn/linear.h"

#include <cmath>

#include "util/error.h"

namespace nf {

Tensor LinearLayer(Builder& b, Tensor x, int64_t out, Activation act, const std::string& name) {
  const int64_t in = b.dims(x).back();
  const double bound = 1.0 / std::sqrt(static_cast<double>(in));
  const Tensor weight = b.Parameter(name + ".weight", {out, in}, bound);
  const Tensor bias = b.Parameter(name + ".bias", {out}, bound);
  return b.Linear(x, weight, bias, act);
}

Tensor CausalConv(Builder& b, Tensor x, int64_t out, int64_t kernel, int64_t dilation,
                  Activation act, const std::string& name) {
  const int64_t channels = b.dims(x)[1];
  const double bound = 1.0 / std::sqrt(static_cast<double>(channels * kernel));
  const Tensor weight = b.Parameter(name + ".weight", {out, channels, kernel}, bound);
  const Tensor bias = b.Parameter(name + ".bias", {out}, bound);
  return b.Linear(b.UnfoldCausal(x, kernel, dilation), weight, bias, act);
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
