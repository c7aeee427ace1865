// TFT, the temporal fusion transformer: what each step knows is chosen among its variables, read by
// a recurrent encoder and decoder, told of the series by its static columns, and looked over by an
// attention whose heads share their values (Lim et al., 2021).
#include <cmath>

#include "models/registry.h"
#include "nn/gated.h"
#include "nn/linear.h"
#include "nn/recurrent.h"
#include "ops/attention.h"
#include "ops/concat.h"
#include "ops/const_linear.h"
#include "ops/dropout.h"
#include "ops/embed_values.h"
#include "ops/last.h"
#include "ops/linear.h"
#include "ops/slice.h"
#include "util/error.h"

namespace nf {
namespace {

struct TftConfig : ModelConfig {
  int64_t hidden_size = 128;
  int64_t n_head = 4;
  double attn_dropout = 0.0;
  std::string grn_activation = "ELU";
  int64_t n_rnn_layers = 1;
  std::string rnn_type = "lstm";
  bool one_rnn_initial_state = false;
  double dropout = 0.1;

  TftConfig() { scaler_type = "robust"; }
  void VisitFields(FieldVisitor& v) override {
    ModelConfig::VisitFields(v);
    v.Visit("hiddenSize", hidden_size,
            {.doc = "Width of the embeddings and of every layer; a multiple of nHead.",
             .min = 2,
             .max = 65536});
    v.Visit("nHead", n_head, {.doc = "Attention heads.", .min = 1, .max = 65536});
    v.Visit("attnDropout", attn_dropout,
            {.doc = "Dropout of the attention's weights.", .min = 0, .max = 0.99});
    v.Visit("grnActivation", grn_activation,
            {.doc = "Of the gated residual networks.", .choices = Grn::kActivations});
    v.Visit("nRnnLayers", n_rnn_layers, {.doc = "Recurrent layers.", .min = 1, .max = 100});
    v.Visit("rnnType", rnn_type, {.doc = "Recurrent layers.", .choices = {"lstm", "gru"}});
    v.Visit("oneRnnInitialState", one_rnn_initial_state,
            {.doc = "With static columns: all recurrent layers begin in the same state."});
    v.Visit("dropout", dropout,
            {.doc = "Of the gated residual networks and the attention's result.",
             .min = 0,
             .max = 0.99});
  }
};

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const TftConfig&>(config);
  if (c.hidden_size % c.n_head != 0) {
    Fail(ErrorCode::kOutOfRange, path + ": hiddenSize must be a multiple of nHead (" +
                                     std::to_string(c.n_head) + "); got " +
                                     std::to_string(c.hidden_size));
  }
}

// Columns [time, n], each value as a vector: [time, n, hidden].
Tensor Embedded(Recorder& g, Tensor columns, int64_t hidden, const std::string& kind) {
  const int64_t n = g.dims(columns)[1];
  const std::string name = "embedding." + kind + "_embedding_";
  const Weight vectors = g.NormalParameter(name + "vectors", {n, hidden},
                                           std::sqrt(2.0 / static_cast<double>(n + hidden)));
  return EmbedValues(g, columns, vectors, g.Parameter(name + "bias", {n, hidden}, 0.0));
}

// What static columns tell: of the choice among variables, of the enrichment, and the state that
// the recurrent layers begin in. Without them all of it is 0.
struct Statics {
  GrnContext selection = {.taken = true}, enrichment = {.taken = true};
  RecurrentStack::State state;
};

Statics EncodeStatics(Recorder& g, const TftConfig& c, const ModelInputs& in, const Grn& grn) {
  Statics statics;
  if (in.statics.empty()) return statics;
  const std::string name = "static_encoder";
  const Tensor columns = g.Reshape(in.statics, {1, g.size(in.statics)});
  const Tensor chosen =
      grn.SelectVariables(g, Embedded(g, columns, c.hidden_size, "stat_exog"), {}, name + ".vsn");
  const Grn plain = {.hidden = c.hidden_size, .dropout = c.dropout};  // ELU, whatever is asked for
  int64_t next = 0;
  const auto context = [&] {
    const std::string grn_name = name + ".context_grns." + std::to_string(next++);
    return g.Reshape(plain(g, chosen, 0, {}, grn_name), {c.hidden_size});
  };
  statics.selection.x = context();
  statics.enrichment.x = context();
  const auto states = [&] {
    std::vector<Tensor> by_layer;
    for (int64_t i = 0; i < c.n_rnn_layers; ++i) {
      by_layer.push_back(i > 0 && c.one_rnn_initial_state ? by_layer[0] : context());
    }
    return by_layer;
  };
  statics.state.h = states();
  statics.state.c = c.rnn_type == "lstm" ? states() : std::vector<Tensor>(statics.state.h.size());
  return statics;
}

// x [time, C] -> [ahead, C] of its last steps, each of which sees itself and all before. The heads
// have queries and keys of their own and the same values, so that the mean of what they see is what
// the mean of their weights sees.
Tensor InterpretableAttention(Recorder& g, const TftConfig& c, Tensor x, int64_t ahead,
                              const std::string& name) {
  const int64_t time = g.dims(x)[0], hidden = c.hidden_size, width = hidden / c.n_head;
  const Weight qkv = g.Parameter(name + ".qkv_linears.weight", {2 * hidden + width, hidden},
                                 1.0 / std::sqrt(static_cast<double>(hidden)));
  const Tensor q =
      LinearRows(g, SliceTime(g, x, time - ahead, time), qkv, {}, 0, hidden, Activation::kNone);
  const Tensor kv = LinearRows(g, x, qkv, {}, hidden, 2 * hidden + width, Activation::kNone);
  const AttentionOptions options = {
      .heads = c.n_head, .causal = true, .dropout = c.attn_dropout, .shared_values = true};
  const Tensor seen = Attention(g, q, {kv, 0, hidden}, {kv, hidden, width}, options);
  const ConstMatrix mean(hidden, width,
                         [=, n = c.n_head](int64_t row, int64_t begin, int64_t end, float* out) {
                           for (int64_t i = begin; i < end; ++i) {
                             *out++ = row % width == i ? 1.0f / static_cast<float>(n) : 0.0f;
                           }
                         });
  const Tensor out = LinearLayer(g, ConstLinear(g, seen, mean), hidden, Activation::kNone,
                                 name + ".out_proj", false);
  return Dropout(g, out, c.dropout);
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const TftConfig&>(config);
  const int64_t lookback = in.steps, all = in.steps + in.horizon, hidden = c.hidden_size;
  const Grn grn = {hidden, c.grn_activation, c.dropout};
  Statics statics = EncodeStatics(g, c, in, grn);

  // Without future columns the last value is known ahead.
  const Tensor known =
      Embedded(g,
               in.future.empty() ? g.Reshape(RepeatLast(g, in.insample_y, Axis(0), all), {all, 1})
                                 : in.future,
               hidden, "futr_exog");
  std::vector<Tensor> past = {Slice(g, known, Axis(0), 0, lookback),
                              Embedded(g, g.Reshape(in.insample_y, {lookback, 1}), hidden, "tgt")};
  if (!in.historic.empty()) {
    past.insert(past.begin(), Embedded(g, in.historic, hidden, "hist_exog"));
  }

  const std::string encoder = "temporal_encoder", decoder = "temporal_fusion_decoder";
  const Tensor behind =
      grn.SelectVariables(g, Concat(g, past, Axis(1)), statics.selection, encoder + ".history_vsn");
  const Tensor ahead = grn.SelectVariables(g, Slice(g, known, Axis(0), lookback, all),
                                           statics.selection, encoder + ".future_vsn");
  RecurrentStack rnn;
  rnn.cell = c.rnn_type == "lstm" ? Cell::kLstm : Cell::kGru;
  rnn.layers = c.n_rnn_layers, rnn.hidden = hidden;
  const Tensor read = rnn.Continue(g, behind, encoder + ".history_encoder", statics.state);
  const Tensor written = rnn.Continue(g, ahead, encoder + ".future_encoder", statics.state);
  const Tensor features =
      GateAddNorm(g, Concat(g, {read, written}, Axis(0)), Concat(g, {behind, ahead}, Axis(0)),
                  encoder + ".input_gate", encoder + ".input_gate_ln");

  // Each step with the statics, then those ahead alone.
  const Tensor enriched = grn(g, features, 0, statics.enrichment, decoder + ".enrichment_grn");
  const Tensor attended =
      InterpretableAttention(g, c, enriched, in.horizon, decoder + ".attention");
  Tensor x = GateAddNorm(g, attended, SliceTime(g, enriched, lookback, all),
                         decoder + ".attention_gate", decoder + ".attention_ln");
  x = grn(g, x, 0, {}, decoder + ".positionwise_grn");
  x = GateAddNorm(g, x, SliceTime(g, features, lookback, all), decoder + ".decoder_gate",
                  decoder + ".decoder_ln");
  return LinearLayer(g, x, in.outputs, Activation::kNone, "output_adapter");
}

}  // namespace

extern const ModelEntry kTFTModel = {
    .name = "TFT",
    .doc = "Chooses among its variables, then a recurrent encoder and decoder under an attention.",
    .paper = "Lim et al., 2021",
    .future_exog = true,
    .historic_exog = true,
    .static_exog = true,
    .tiny = R"({"hiddenSize": 12, "nHead": 2, "learningRate": 1e-3})",
    .dropout = R"({"dropout": 0.2, "attnDropout": 0.2})",
    .bench = R"({"hiddenSize": 128, "nRnnLayers": 2})",
    .make_config = MakeConfig<TftConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
