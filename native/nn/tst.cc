#include "nn/tst.h"

#include "nn/batch_norm.h"
#include "nn/linear.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"

namespace nf {
namespace {

// Its projection and the sum it goes into each drop: NeuralForecast drops twice.
Tensor Attend(Recorder& g, Tensor x, const TstOptions& o, ScoreTerms& terms,
              const std::string& name) {
  const AttentionOptions options = {.heads = o.heads, .dropout = o.attention_dropout};
  const Tensor y = ResidualAttention(g, x, options, o.residual_attention ? &terms : nullptr, name);
  return Dropout(g, Dropout(g, y, o.dropout), o.dropout);
}

Tensor FeedForward(Recorder& g, Tensor x, const TstOptions& o, const std::string& name) {
  const Activation act = o.gelu ? Activation::kNone : Activation::kRelu;
  Tensor y = LinearLayer(g, x, o.feed_forward, act, name + ".0");
  if (o.gelu) y = Gelu(g, y);
  y = LinearLayer(g, Dropout(g, y, o.dropout), g.dims(x).back(), Activation::kNone, name + ".3");
  return Dropout(g, y, o.dropout);
}

}  // namespace

Tensor TstLayer(Recorder& g, Tensor x, const TstOptions& options, ScoreTerms& terms,
                const std::string& name) {
  const auto norm = [&](bool here, Tensor of, const char* which) {
    return here ? BatchNorm(g, of, name + which) : of;
  };
  const bool before = options.pre_norm;
  x = norm(before, x, ".norm_attn.1");
  x = Add(g, x, Attend(g, x, options, terms, name + ".self_attn"));
  x = norm(!before, x, ".norm_attn.1");
  x = norm(before, x, ".norm_ffn.1");
  x = Add(g, x, FeedForward(g, x, options, name + ".ff"));
  return norm(!before, x, ".norm_ffn.1");
}

}  // namespace nf
