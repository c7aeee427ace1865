// The optimiser kernels of every table against torch's, ten steps each.
#include <cmath>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "testing/golden_data.h"

namespace nf {
namespace {

double Option(const Json& json, const char* name, double fallback) {
  const Json* value = json.Find(name);
  return value == nullptr ? fallback : value->AsNumber();
}

auto Step(const OptimKernels& kernels, const std::string& name) {
  if (name == "adam") return kernels.adam;
  if (name == "adamw") return kernels.adamw;
  if (name == "sgd") return kernels.sgd;
  return kernels.rmsprop;
}

TEST(GoldenOptim, TenStepsAtEveryTarget) {
  const GoldenFile file("optimizers");
  ASSERT_GE(file.Cases().size(), 10u);
  for (const KernelTable* table : AllKernels()) {
    for (const auto& [key, json] : file.Cases()) {
      SCOPED_TRACE(std::string(table->target) + " " + json.Dump());
      std::vector<float> p = file.Floats(key + "/start");
      const std::vector<float> grads = file.Floats(key + "/grads");
      const std::vector<float> after = file.Floats(key + "/after");
      const size_t n = p.size();
      std::vector<float> m(n), v(n);
      OptimArgs args;
      args.learning_rate = static_cast<float>(json.At("learningRate").AsNumber());
      const double beta1 = Option(json, "beta1", 0.9), beta2 = Option(json, "beta2", 0.999);
      args.beta1 = static_cast<float>(beta1);
      args.beta2 = static_cast<float>(beta2);
      args.epsilon = static_cast<float>(Option(json, "epsilon", 1e-8));
      args.momentum = static_cast<float>(Option(json, "momentum", 0));
      args.weight_decay = static_cast<float>(Option(json, "weightDecay", 0));
      const auto step = Step(table->optim, json.At("optimizer").AsString());
      for (size_t t = 0; t < grads.size() / n; ++t) {
        args.bias_correction1 = static_cast<float>(1 - std::pow(beta1, t + 1.0));
        args.bias_correction2 = static_cast<float>(1 - std::pow(beta2, t + 1.0));
        step(args, p.data(), grads.data() + t * n, m.data(), v.data(), n);
        EXPECT_TRUE(
            Close(std::span<const float>(after).subspan(t * n, n), std::span<const float>(p), 1e-6))
            << "step " << t;
      }
    }
  }
}

}  // namespace
}  // namespace nf
