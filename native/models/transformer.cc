// Transformer: an encoder over the lookback, a decoder over its end and the horizon, full attention
// (Vaswani et al., 2017; the decoder that forecasts in one pass: Zhou et al., 2021). NeuralForecast
// calls it VanillaTransformer. As there, the decoder's own attention is not causal: what it sees
// beyond the lookback are zeros and known columns.
#include "nn/transformer.h"

#include <cmath>

#include "models/registry.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "ops/slice.h"
#include "util/error.h"

namespace nf {
namespace {

struct TransformerConfig : ModelConfig {
  int64_t hidden_size = 128;
  int64_t n_head = 4;
  int64_t conv_hidden_size = 32;
  int64_t encoder_layers = 2;
  int64_t decoder_layers = 1;
  double decoder_input_size_multiplier = 0.5;
  double dropout = 0.05;
  std::string activation = "gelu";

  TransformerConfig() {
    max_steps = 5000;
    learning_rate = 1e-4;
  }
  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit("hiddenSize", hidden_size,
            {.doc = "Width of the embedding and of every layer; even, a multiple of nHead.",
             .min = 2,
             .max = 65536});
    v.Visit("nHead", n_head, {.doc = "Attention heads.", .min = 1, .max = 65536});
    v.Visit("convHiddenSize", conv_hidden_size,
            {.doc = "Hidden units of each layer's feed-forward part.", .min = 1, .max = 65536});
    v.Visit("encoderLayers", encoder_layers,
            {.doc = "Layers of the encoder.", .min = 1, .max = 100});
    v.Visit("decoderLayers", decoder_layers,
            {.doc = "Layers of the decoder.", .min = 1, .max = 100});
    v.Visit("decoderInputSizeMultiplier", decoder_input_size_multiplier,
            {.doc = "Share of the lookback that the decoder sees before the horizon.",
             .min = 0,
             .max = 1,
             .min_exclusive = true});
    v.Visit("dropout", dropout,
            {.doc = "Dropout of the embedding, of attention and of every sublayer.",
             .min = 0,
             .max = 0.99});
    v.Visit("activation", activation,
            {.doc = "Of the feed-forward parts.", .choices = {"gelu", "relu"}});
  }
  // Steps of the lookback that the decoder sees.
  int64_t LabelSize() const {
    return static_cast<int64_t>(
        std::ceil(static_cast<double>(input_size) * decoder_input_size_multiplier));
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const TransformerConfig&>(config);
  if (c.hidden_size % c.n_head != 0 || c.hidden_size % 2 != 0) {
    Fail(ErrorCode::kOutOfRange, path + ": hiddenSize must be even and a multiple of nHead (" +
                                     std::to_string(c.n_head) + "); got " +
                                     std::to_string(c.hidden_size));
  }
  if (c.LabelSize() >= c.input_size) {
    Fail(ErrorCode::kOutOfRange,
         path + ": decoderInputSizeMultiplier must leave the decoder fewer steps than inputSize (" +
             std::to_string(c.input_size) + "); it gives " + std::to_string(c.LabelSize()));
  }
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const TransformerConfig&>(config);
  const TransformerOptions options = {c.n_head, c.conv_hidden_size, c.dropout,
                                      c.activation == "gelu"};
  const int64_t lookback = in.steps, horizon = in.horizon, label = c.LabelSize();
  const auto marks = [&](int64_t begin, int64_t end) {
    return in.future.empty() ? Tensor{} : SliceTime(g, in.future, begin, end);
  };

  const Tensor series = g.Reshape(in.insample_y, {lookback, 1});
  Tensor x =
      DataEmbedding(g, series, marks(0, lookback), c.hidden_size, c.dropout, "enc_embedding");
  for (int64_t i = 0; i < c.encoder_layers; ++i) {
    x = EncoderLayer(g, x, options, "encoder.attn_layers." + std::to_string(i));
  }
  const Tensor memory = LayerNorm(g, x, "encoder.norm");

  Tensor y = SliceThenZeros(g, series, Axis(0), lookback - label, horizon);
  y = DataEmbedding(g, y, marks(lookback - label, lookback + horizon), c.hidden_size, c.dropout,
                    "dec_embedding");
  for (int64_t i = 0; i < c.decoder_layers; ++i) {
    // Behind the last layer no step sees another, and only the horizon is asked for.
    const int64_t first = i + 1 == c.decoder_layers ? label : 0;
    y = DecoderLayer(g, y, first, memory, options, "decoder.layers." + std::to_string(i));
  }
  y = LayerNorm(g, y, "decoder.norm");
  return LinearLayer(g, y, in.outputs, Activation::kNone, "decoder.projection");
}

}  // namespace

extern const ModelEntry kTransformerModel = {
    .name = "Transformer",
    .aliases = {"VanillaTransformer"},
    .doc = "An encoder and a decoder of full attention that forecasts the horizon in one pass.",
    .paper = "Vaswani et al., 2017",
    .future_exog = true,
    .tiny = R"({"hiddenSize": 16, "nHead": 2, "convHiddenSize": 16, "encoderLayers": 1})",
    .dropout = R"({"dropout": 0.2})",
    .bench = R"({"hiddenSize": 128, "encoderLayers": 2, "decoderLayers": 1})",
    .make_config = MakeConfig<TransformerConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
