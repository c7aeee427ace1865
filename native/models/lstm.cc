// LSTM: long short-term memory over the lookback, an MLP for each step ahead (Hochreiter &
// Schmidhuber, 1997).
#include "models/recurrent.h"

namespace nf {
namespace {

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  return BuildRecurrent(g, static_cast<const FeedBackConfig&>(config), Cell::kLstm, in);
}

}  // namespace

extern const ModelEntry kLSTMModel = {
    .name = "LSTM",
    .doc = "Long short-term memory over the lookback, then an MLP for each step ahead.",
    .paper = "Hochreiter & Schmidhuber, 1997",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .recurrent = true,
    .tiny = R"({"encoderHiddenSize": 16, "decoderHiddenSize": 16})",
    .dropout = R"({"encoderDropout": 0.2})",
    .bench = R"({"encoderHiddenSize": 128, "encoderNLayers": 2, "decoderHiddenSize": 128})",
    .make_config = MakeConfig<FeedBackConfig>,
    .check = CheckFeedBack,
    .build = Build,
};

}  // namespace nf
