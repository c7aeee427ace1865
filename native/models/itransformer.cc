// iTransformer: each series as a whole is a token, and attention goes from series to series instead
// of from time to time (Liu et al., 2024).
#include "models/registry.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/transformer.h"
#include "ops/moments.h"
#include "ops/standardise.h"
#include "ops/transpose.h"
#include "util/error.h"

namespace nf {
namespace {

struct ITransformerConfig : MultivariateConfig {
  int64_t hidden_size = 512;
  int64_t n_heads = 8;
  int64_t e_layers = 2;
  int64_t d_ff = 2048;
  double dropout = 0.1;
  bool use_norm = true;
  bool normalizes() const override { return use_norm; }

  ITransformerConfig() { windows_batch_size = 32; }
  void VisitFields(FieldVisitor& v) override {
    MultivariateConfig::VisitFields(v);
    v.Visit("hiddenSize", hidden_size,
            {.doc = "Width of a series' embedding and of every layer; a multiple of nHeads.",
             .min = 1,
             .max = 65536});
    v.Visit("nHeads", n_heads, {.doc = "Attention heads.", .min = 1, .max = 65536});
    v.Visit("eLayers", e_layers, {.doc = "Layers of the encoder.", .min = 1, .max = 100});
    v.Visit("dFf", d_ff,
            {.doc = "Hidden units of each layer's feed-forward part.", .min = 1, .max = 65536});
    v.Visit("dropout", dropout,
            {.doc = "Dropout of the embedding, of attention and of every sublayer.",
             .min = 0,
             .max = 0.99});
    v.Visit(
        "useNorm", use_norm,
        {.doc = "Each series of a window is standardised by its own mean and deviation, and its "
                "forecast scaled back."});
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const ITransformerConfig&>(config);
  if (c.hidden_size % c.n_heads == 0) return;
  Fail(ErrorCode::kOutOfRange, path + ": hiddenSize must be a multiple of nHeads (" +
                                   std::to_string(c.n_heads) + "); got " +
                                   std::to_string(c.hidden_size));
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const ITransformerConfig&>(config);
  const TransformerOptions options = {c.n_heads, c.d_ff, c.dropout};
  Tensor x = in.insample_y, moments;
  if (c.use_norm) {
    moments = Moments(g, x, Centre::kMean);
    x = Standardise(g, x, moments);
  }
  x = InvertedEmbedding(g, x, c.hidden_size, c.dropout, "enc_embedding");  // [N, D]
  for (int64_t i = 0; i < c.e_layers; ++i) {
    x = EncoderLayer(g, x, options, "encoder.attn_layers." + std::to_string(i));
  }
  x = LayerNorm(g, x, "encoder.norm");
  x = LinearLayer(g, x, in.horizon * in.outputs, Activation::kNone, "projector");
  x = Transpose(g, x);  // [h * Q, N]
  if (c.use_norm) x = Unstandardise(g, x, moments);
  return Transpose(g, g.Reshape(x, {in.horizon, in.outputs, in.series}));
}

}  // namespace

extern const ModelEntry kITransformerModel = {
    .name = "iTransformer",
    .doc = "An encoder whose attention goes from series to series, all forecast together.",
    .paper = "Liu et al., 2024",
    .multivariate = true,
    .tiny = R"({"hiddenSize": 16, "nHeads": 2, "eLayers": 1, "dFf": 16})",
    .dropout = R"({"dropout": 0.2})",
    .bench = R"({"hiddenSize": 128, "eLayers": 2, "dFf": 128})",
    .make_config = MakeConfig<ITransformerConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
