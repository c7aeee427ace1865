// LSTMAttention: an LSTM whose last states look back over all of its states (after Bahdanau et al.,
// 2015; multi-head attention of Vaswani et al., 2017). NeuralForecast has no such model;
// tools/lstm_attention.py is the same one for it.
#include <algorithm>

#include "models/recurrent.h"
#include "nn/attention.h"
#include "nn/norm.h"
#include "ops/elementwise.h"
#include "ops/slice.h"
#include "util/error.h"

namespace nf {
namespace {

struct LstmAttentionConfig : RecurrentConfig {
  int64_t n_heads = 4;
  double attention_dropout = 0.0;

  void VisitFields(FieldVisitor& v) override {
    RecurrentConfig::VisitFields(v);
    v.Visit("nHeads", n_heads, {.doc = "Attention heads.", .min = 1, .max = 65536});
    v.Visit("attentionDropout", attention_dropout,
            {.doc = "Dropout of the attention's weights.", .min = 0, .max = 0.99});
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const LstmAttentionConfig&>(config);
  if (c.encoder_hidden_size % c.n_heads != 0) {
    Fail(ErrorCode::kOutOfRange, path + ": encoderHiddenSize must be a multiple of nHeads (" +
                                     std::to_string(c.n_heads) + "); got " +
                                     std::to_string(c.encoder_hidden_size));
  }
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const LstmAttentionConfig&>(config);
  const Tensor states = EncodeLookback(g, c, Cell::kLstm, in);  // [L, H]
  // What is ahead looks back from the last min(h, L) states; everything is past, so no mask.
  const int64_t steps = std::min(in.horizon, in.steps);
  const Tensor query = SliceTime(g, states, in.steps - steps, in.steps);
  AttentionOptions options;
  options.heads = c.n_heads;
  options.dropout = c.attention_dropout;
  const Tensor attended = MultiheadAttention(g, query, states, options, "attention");
  return DecodeStates(g, c, in, LayerNorm(g, Add(g, query, attended), "norm"));
}

}  // namespace

extern const ModelEntry kLSTMAttentionModel = {
    .name = "LSTMAttention",
    .doc =
        "An LSTM whose last states look back over all of its states, then an MLP for each step "
        "ahead.",
    .paper = "Bahdanau et al., 2015",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .tiny = R"({"encoderHiddenSize": 16, "decoderHiddenSize": 16})",
    .dropout = R"({"encoderDropout": 0.2, "attentionDropout": 0.2})",
    .bench = R"({"encoderHiddenSize": 128, "encoderNLayers": 2, "decoderHiddenSize": 128})",
    .make_config = MakeConfig<LstmAttentionConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
