// TiDE: a dense encoder and decoder of the flattened lookback and columns, a small decoder of each
// step ahead, and a linear way around all of it (Das et al., 2023).
//
// A block's normalisation over one value would leave nothing of it but the bias; as the decoder of
// a step has one output with a point loss, all but the linear way would be cut off. NeuralForecast
// does that. Here such a norm is its scale and shift alone, so that every part learns; what was
// trained there comes with a scale of 0 and forecasts as it did.
#include "models/registry.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "ops/affine.h"
#include "ops/concat.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"
#include "ops/slice.h"

namespace nf {
namespace {

struct TideConfig : ModelConfig {
  int64_t hidden_size = 512;
  int64_t decoder_output_dim = 32;
  int64_t temporal_decoder_dim = 128;
  double dropout = 0.3;
  bool layernorm = true;
  int64_t num_encoder_layers = 1;
  int64_t num_decoder_layers = 1;
  int64_t temporal_width = 4;

  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit("hiddenSize", hidden_size,
            {.doc = "Units of each hidden layer.", .min = 1, .max = 65536});
    v.Visit("decoderOutputDim", decoder_output_dim,
            {.doc = "What the decoder gives of each step ahead.", .min = 1, .max = 65536});
    v.Visit("temporalDecoderDim", temporal_decoder_dim,
            {.doc = "Hidden units of the decoder of a step.", .min = 1, .max = 65536});
    v.Visit("dropout", dropout, {.doc = "Of each block's output.", .min = 0, .max = 0.99});
    v.Visit("layernorm", layernorm,
            {.doc = "Each block ends in a LayerNorm; over one value, in a scale and a shift."});
    v.Visit("numEncoderLayers", num_encoder_layers,
            {.doc = "Blocks of the encoder.", .min = 1, .max = 100});
    v.Visit("numDecoderLayers", num_decoder_layers,
            {.doc = "Blocks of the decoder.", .min = 1, .max = 100});
    v.Visit(
        "temporalWidth", temporal_width,
        {.doc = "What is made of a step's historic or future columns.", .min = 1, .max = 65536});
  }
};

Tensor Norm(Recorder& g, Tensor x, const std::string& name) {
  if (g.dims(x).back() > 1) return LayerNorm(g, x, name);
  const Weight scale = g.Parameter(name + ".weight", {1}, 0.0, 1.0);
  return Affine(g, x, scale, g.Parameter(name + ".bias", {1}, 0.0));
}

// norm(dropout(lin2(relu(lin1(x)))) + skip(x)): [.., in] -> [.., out].
Tensor Block(Recorder& g, const TideConfig& c, Tensor x, int64_t hidden, int64_t out,
             const std::string& name) {
  const Tensor inner = LinearLayer(g, x, hidden, Activation::kRelu, name + ".lin1");
  const Tensor y = LinearLayer(g, inner, out, Activation::kNone, name + ".lin2");
  const Tensor skip = LinearLayer(g, x, out, Activation::kNone, name + ".skip");
  const Tensor sum = Add(g, Dropout(g, y, c.dropout), skip);
  return c.layernorm ? Norm(g, sum, name + ".norm") : sum;
}

// Columns [time, C] narrowed to [time, temporalWidth]; none stay none.
Tensor Narrowed(Recorder& g, const TideConfig& c, Tensor columns, const std::string& name) {
  if (columns.empty()) return columns;
  return Block(g, c, columns, c.hidden_size, c.temporal_width, name);
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const TideConfig&>(config);
  const int64_t h = in.horizon;
  const Tensor historic = Narrowed(g, c, in.historic, "hist_exog_projection");  // [L, width]
  const Tensor future = Narrowed(g, c, in.future, "futr_exog_projection");      // [L + h, width]
  Tensor x = in.Flat(g, in.insample_y, historic, future);
  for (int64_t i = 0; i < c.num_encoder_layers; ++i) {
    x = Block(g, c, x, c.hidden_size, c.hidden_size, "dense_encoder." + std::to_string(i));
  }
  for (int64_t i = 0; i < c.num_decoder_layers; ++i) {
    const bool last = i + 1 == c.num_decoder_layers;
    x = Block(g, c, x, c.hidden_size, last ? h * c.decoder_output_dim : c.hidden_size,
              "dense_decoder." + std::to_string(i));
  }
  x = g.Reshape(x, {h, c.decoder_output_dim});
  if (!future.empty()) {
    x = Concat(g, {x, SliceTime(g, future, in.steps, in.steps + h)}, Axis(1));
  }
  x = Block(g, c, x, c.temporal_decoder_dim, in.outputs, "temporal_decoder");  // [h, Q]
  const Tensor around =
      LinearLayer(g, in.insample_y, h * in.outputs, Activation::kNone, "global_skip");
  return Add(g, x, g.Reshape(around, {h, in.outputs}));
}

}  // namespace

extern const ModelEntry kTiDEModel = {
    .name = "TiDE",
    .doc = "A dense encoder and decoder, a small decoder for each step ahead, a linear way around.",
    .paper = "Das et al., 2023",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    // Without norms: one over the two outputs of a loss leaves their order alone, a step that has
    // no slope.
    .tiny = R"({"hiddenSize": 16, "decoderOutputDim": 8, "temporalDecoderDim": 16,
                 "layernorm": false})",
    .dropout = R"({"dropout": 0.2})",
    .bench = R"({"hiddenSize": 128, "numEncoderLayers": 2, "numDecoderLayers": 2})",
    .make_config = MakeConfig<TideConfig>,
    .build = Build,
};

}  // namespace nf
