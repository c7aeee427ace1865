// NLinear: a linear map of the lookback after its last value is taken off (Zeng et al., 2023).
#include "models/registry.h"
#include "nn/linear.h"
#include "ops/elementwise.h"
#include "ops/last.h"

namespace nf {
namespace {

struct NLinearConfig : ModelConfig {
  NLinearConfig() {
    max_steps = 5000;
    learning_rate = 1e-4;
  }
  bool normalizes() const override { return true; }
};

Tensor Build(Recorder& g, const ModelConfig&, const ModelInputs& in) {
  const int64_t out = in.horizon * in.outputs;
  const Tensor centred = SubLast(g, in.insample_y, Axis(0));                          // [L]
  const Tensor forecast = LinearLayer(g, centred, out, Activation::kNone, "linear");  // [h * Q]
  return Add(g, forecast, RepeatLast(g, in.insample_y, Axis(0), out));
}

}  // namespace

extern const ModelEntry kNLinearModel = {
    .name = "NLinear",
    .doc = "One linear layer on the lookback minus its last value.",
    .paper = "Zeng et al., 2023",
    .make_config = MakeConfig<NLinearConfig>,
    .build = Build,
};

}  // namespace nf
