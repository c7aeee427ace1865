// TCN: a temporal convolutional network, causal convolutions that look twice as far back at every
// layer (Bai et al., 2018; van den Oord et al., 2016). As in NeuralForecast, without residual
// connections.
#include "models/registry.h"
#include "nn/decoder.h"
#include "nn/linear.h"

namespace nf {
namespace {

struct TcnConfig : ModelConfig {
  int64_t kernel_size = 2;
  std::vector<int64_t> dilations = {1, 2, 4, 8, 16};
  int64_t encoder_hidden_size = 128;
  std::string encoder_activation = "ReLU";
  int64_t decoder_hidden_size = 128;
  int64_t decoder_layers = 2;

  TcnConfig() {
    windows_batch_size = 128;
    scaler_type = "robust";
  }
  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit("kernelSize", kernel_size, {.doc = "Taps of each convolution.", .min = 1, .max = 1024});
    v.Visit("dilations", dilations,
            {.doc = "Steps between the taps, one number a layer.",
             .min = 1,
             .max = 1e6,
             .min_items = 1});
    v.Visit("encoderHiddenSize", encoder_hidden_size,
            {.doc = "Channels of each convolution.", .min = 1, .max = 65536});
    v.Visit("encoderActivation", encoder_activation,
            {.doc = "Of the convolutions.", .choices = kActivationNames});
    v.Visit("decoderHiddenSize", decoder_hidden_size,
            {.doc = "Units of the decoder's hidden layers.", .min = 1, .max = 65536});
    v.Visit("decoderLayers", decoder_layers,
            {.doc = "Layers of the decoder; 1 is linear.", .min = 1, .max = 100});
  }
};

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const TcnConfig&>(config);
  const Activation activation = ParseActivation(c.encoder_activation);
  Tensor x = in.Sequence(g);  // [L, 1 + X + S + F]
  for (size_t i = 0; i < c.dilations.size(); ++i) {
    x = CausalConv(g, x, c.encoder_hidden_size, c.kernel_size, c.dilations[i], activation,
                   "hist_encoder.tcn." + std::to_string(i) + ".conv");
  }
  x = LinearOverTime(g, x, in.horizon, "context_adapter");  // [h, channels]
  return MlpDecoder(g, in.WithFuture(g, x), in.outputs, c.decoder_hidden_size, c.decoder_layers,
                    "mlp_decoder");
}

}  // namespace

extern const ModelEntry kTCNModel = {
    .name = "TCN",
    .doc = "Dilated causal convolutions over the lookback, then an MLP for each step ahead.",
    .paper = "Bai et al., 2018",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .tiny = R"({"encoderHiddenSize": 16, "decoderHiddenSize": 16, "dilations": [1, 2, 4]})",
    .bench =
        R"({"encoderHiddenSize": 128, "kernelSize": 3, "dilations": [1, 2, 4], "decoderHiddenSize": 128})",
    .make_config = MakeConfig<TcnConfig>,
    .build = Build,
};

}  // namespace nf
