// PatchTST: a transformer whose tokens are patches of one series (Nie et al., 2023). The norms are
// over the batch; scores of attention are handed on from layer to layer.
#include <algorithm>
#include <optional>

#include "models/registry.h"
#include "nn/linear.h"
#include "nn/revin.h"
#include "nn/tst.h"
#include "ops/broadcast.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"
#include "ops/patches.h"
#include "ops/transpose.h"
#include "util/error.h"

namespace nf {
namespace {

struct PatchTstConfig : ModelConfig {
  int64_t encoder_layers = 3, n_heads = 16, hidden_size = 128, linear_hidden_size = 256;
  double dropout = 0.2, head_dropout = 0.0, attn_dropout = 0.0;
  int64_t patch_len = 16, stride = 8;
  bool revin = true, revin_affine = false, revin_subtract_last = true;
  bool normalizes() const override { return revin; }
  std::string activation = "gelu";
  bool res_attention = true, batch_normalization = false, learn_pos_embed = true;

  PatchTstConfig() {
    max_steps = 5000;
    learning_rate = 1e-4;
  }
  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    const auto share = [](const char* doc) { return FieldSpec{.doc = doc, .min = 0, .max = 0.99}; };
    const auto size = [](const char* doc, double max) {
      return FieldSpec{.doc = doc, .min = 1, .max = max};
    };
    v.Visit("encoderLayers", encoder_layers, size("Layers of the encoder.", 100));
    v.Visit("nHeads", n_heads, size("Attention heads.", 65536));
    v.Visit("hiddenSize", hidden_size,
            size("Width of the embedding and of every layer; a multiple of nHeads.", 65536));
    v.Visit("linearHiddenSize", linear_hidden_size,
            size("Hidden units of each layer's feed-forward part.", 65536));
    v.Visit("dropout", dropout, share("Dropout of the embedding and of every sublayer."));
    v.Visit("headDropout", head_dropout, share("Dropout of the forecast."));
    v.Visit("attnDropout", attn_dropout, share("Dropout of attention's probabilities."));
    v.Visit("patchLen", patch_len, size("Steps of a patch; at most inputSize + stride.", 1e6));
    v.Visit("stride", stride, size("Steps from the start of a patch to that of the next.", 1e6));
    v.Visit("revin", revin,
            {.doc = "Each window is standardised by itself, and its forecast back."});
    v.Visit("revinAffine", revin_affine, {.doc = "revin has a learned scale and shift."});
    v.Visit("revinSubtractLast", revin_subtract_last,
            {.doc = "revin takes off the last value of a window, not its mean."});
    v.Visit("activation", activation,
            {.doc = "Of the feed-forward parts.", .choices = {"gelu", "relu"}});
    v.Visit("resAttention", res_attention,
            {.doc = "Attention adds the scores of the layer before to its own."});
    v.Visit("batchNormalization", batch_normalization,
            {.doc = "Batch norms stand before the sublayers; without it behind them. It is "
                    "NeuralForecast's name for this: there are batch norms either way."});
    v.Visit("learnPosEmbed", learn_pos_embed,
            {.doc = "Positions are learned; without it they stay as they were drawn."});
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const PatchTstConfig&>(config);
  if (c.hidden_size % c.n_heads == 0) return;
  Fail(ErrorCode::kOutOfRange, path + ": hiddenSize must be a multiple of nHeads (" +
                                   std::to_string(c.n_heads) + "); got " +
                                   std::to_string(c.hidden_size));
}

// Patches [P, patchLen] become tokens [P, D] that know their place.
Tensor Embed(Recorder& g, const PatchTstConfig& c, Tensor patches, const std::string& name) {
  const Tensor x = LinearLayer(g, patches, c.hidden_size, Activation::kNone, name + ".W_P");
  const std::string positions = name + ".W_pos";
  constexpr double kBound = 0.02;
  const Tensor at = c.learn_pos_embed ? Broadcast(g, g.Parameter(positions, g.dims(x), kBound))
                                      : Broadcast(g, g.State(positions, g.dims(x), 0.0, kBound));
  return Dropout(g, Add(g, x, at), c.dropout);
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const PatchTstConfig&>(config);
  Tensor x = in.insample_y;  // [L]
  std::optional<RevIn> revin;
  if (c.revin) {
    const Centre centre = c.revin_subtract_last ? Centre::kLast : Centre::kMean;
    revin.emplace(g, x, RevInOptions{c.revin_affine, centre}, "model.revin_layer");
    x = revin->normalised();
  }
  // The end is padded by a stride, so that the last steps are in a patch too.
  x = Patches(g, x, std::min(c.patch_len, in.steps + c.stride), c.stride, c.stride);
  x = Embed(g, c, x, "model.backbone");
  const TstOptions options = {c.n_heads,      c.linear_hidden_size,   c.dropout,
                              c.attn_dropout, c.activation == "gelu", c.batch_normalization,
                              c.res_attention};
  ScoreTerms terms;
  for (int64_t i = 0; i < c.encoder_layers; ++i) {
    x = TstLayer(g, x, options, terms, "model.backbone.encoder.layers." + std::to_string(i));
  }
  x = Transpose(g, x);  // [D, P], as the head's weight reads it
  x = g.Reshape(x, {g.size(x)});
  x = LinearLayer(g, x, in.horizon * in.outputs, Activation::kNone, "model.head.linear");
  x = Dropout(g, x, c.head_dropout);
  if (revin) x = revin->Undo(g, x);
  return g.Reshape(x, {in.horizon, in.outputs});
}

}  // namespace

extern const ModelEntry kPatchTSTModel = {
    .name = "PatchTST",
    .doc = "A transformer over patches of the lookback, normalised window by window.",
    .paper = "Nie et al., 2023",
    .tiny = R"({"hiddenSize": 16, "nHeads": 2, "linearHiddenSize": 16, "encoderLayers": 2,
                "patchLen": 4, "stride": 2})",
    .dropout = R"({"dropout": 0.2, "headDropout": 0.1, "attnDropout": 0.1})",
    .bench = R"({"hiddenSize": 128, "encoderLayers": 2})",
    .make_config = MakeConfig<PatchTstConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
