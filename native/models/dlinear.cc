// DLinear: a moving average splits the lookback into trend and rest, each mapped linearly (Zeng et
// al., 2023).
#include "models/registry.h"
#include "nn/linear.h"
#include "ops/elementwise.h"
#include "ops/moving_average.h"
#include "util/error.h"

namespace nf {
namespace {

struct DLinearConfig : ModelConfig {
  int64_t moving_avg_window = 25;

  DLinearConfig() {
    max_steps = 5000;
    learning_rate = 1e-4;
  }
  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit("movingAvgWindow", moving_avg_window,
            {.doc = "Steps of the moving average that is the trend; odd.", .min = 1, .max = 1e6});
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const int64_t window = static_cast<const DLinearConfig&>(config).moving_avg_window;
  if (window % 2 == 0) {
    Fail(ErrorCode::kOutOfRange,
         path + ".movingAvgWindow must be odd; got " + std::to_string(window));
  }
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const DLinearConfig&>(config);
  const int64_t out = in.horizon * in.outputs;
  const Tensor trend = MovingAverage(g, in.insample_y, c.moving_avg_window);  // [L]
  const Tensor season = Sub(g, in.insample_y, trend);                         // [L]
  // One after the other: fresh values are drawn by the place of a parameter.
  const Tensor rest = LinearLayer(g, season, out, Activation::kNone, "linear_season");
  return Add(g, LinearLayer(g, trend, out, Activation::kNone, "linear_trend"), rest);
}

}  // namespace

extern const ModelEntry kDLinearModel = {
    .name = "DLinear",
    .doc = "Two linear layers, on the moving average of the lookback and on the rest.",
    .paper = "Zeng et al., 2023",
    .tiny = R"({"movingAvgWindow": 5})",
    .make_config = MakeConfig<DLinearConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
