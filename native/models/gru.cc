// GRU: gated recurrent units over the lookback, an MLP for each step ahead (Cho et al., 2014).
#include "models/recurrent.h"

namespace nf {
namespace {

struct GruConfig : FeedBackConfig {
  GruConfig() { encoder_hidden_size = 200; }
};

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  return BuildRecurrent(g, static_cast<const GruConfig&>(config), Cell::kGru, in);
}

}  // namespace

extern const ModelEntry kGRUModel = {
    .name = "GRU",
    .doc = "Gated recurrent units over the lookback, then an MLP for each step ahead.",
    .paper = "Cho et al., 2014",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .recurrent = true,
    .tiny = R"({"encoderHiddenSize": 16, "decoderHiddenSize": 16})",
    .dropout = R"({"encoderDropout": 0.2})",
    .bench = R"({"encoderHiddenSize": 128, "encoderNLayers": 2, "decoderHiddenSize": 128})",
    .make_config = MakeConfig<GruConfig>,
    .check = CheckFeedBack,
    .build = Build,
};

}  // namespace nf
