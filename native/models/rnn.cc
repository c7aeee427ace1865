// RNN: a plain recurrent network over the lookback, an MLP for each step ahead (Elman, 1990).
#include "models/recurrent.h"

namespace nf {
namespace {

struct RnnConfig : FeedBackConfig {
  std::string encoder_activation = "tanh";

  void VisitFields(FieldVisitor& v) override {
    FeedBackConfig::VisitFields(v);
    // NeuralForecast takes this option and forgets it.
    v.Visit("encoderActivation", encoder_activation,
            {.doc = "Of the recurrent layers.", .choices = {"tanh", "relu"}});
  }
};

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const RnnConfig&>(config);
  const Cell cell = c.encoder_activation == "relu" ? Cell::kRnnRelu : Cell::kRnnTanh;
  return BuildRecurrent(g, c, cell, in);
}

}  // namespace

extern const ModelEntry kRNNModel = {
    .name = "RNN",
    .doc = "A plain recurrent network over the lookback, then an MLP for each step ahead.",
    .paper = "Elman, 1990",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .recurrent = true,
    .tiny = R"({"encoderHiddenSize": 16, "decoderHiddenSize": 16})",
    .dropout = R"({"encoderDropout": 0.2})",
    .bench = R"({"encoderHiddenSize": 128, "encoderNLayers": 2, "decoderHiddenSize": 128})",
    .make_config = MakeConfig<RnnConfig>,
    .check = CheckFeedBack,
    .build = Build,
};

}  // namespace nf
