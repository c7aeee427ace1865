// MLP: a multi-layer perceptron on the flattened lookback and exogenous inputs (Rosenblatt, 1958).
#include "models/registry.h"
#include "nn/linear.h"

namespace nf {
namespace {

struct MlpConfig : ModelConfig {
  int64_t num_layers = 2;
  int64_t hidden_size = 1024;

  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit("numLayers", num_layers, {.doc = "Hidden layers.", .min = 1, .max = 100});
    v.Visit("hiddenSize", hidden_size,
            {.doc = "Units of each hidden layer.", .min = 1, .max = 65536});
  }
};

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const MlpConfig&>(config);
  Tensor x = in.Flat(g, in.insample_y, in.historic, in.future);
  for (int64_t i = 0; i < c.num_layers; ++i) {
    x = LinearLayer(g, x, c.hidden_size, Activation::kRelu, "mlp." + std::to_string(i));
  }
  return LinearLayer(g, x, in.horizon * in.outputs, Activation::kNone, "out");
}

}  // namespace

extern const ModelEntry kMLPModel = {
    .name = "MLP",
    .doc = "A multi-layer perceptron on the flattened lookback and exogenous inputs.",
    .paper = "Rosenblatt, 1958",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .tiny = R"({"hiddenSize": 16})",
    .bench = R"({"hiddenSize": 128, "numLayers": 2})",
    .make_config = MakeConfig<MlpConfig>,
    .build = Build,
};

}  // namespace nf
