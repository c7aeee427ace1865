#include "models/recurrent.h"

#include "nn/decoder.h"
#include "nn/linear.h"
#include "ops/concat.h"
#include "ops/const_linear.h"
#include "ops/repeat_rows.h"
#include "ops/slice.h"
#include "util/error.h"

namespace nf {

void RecurrentConfig::VisitFields(FieldVisitor& v) {
  ModelConfig::VisitFields(v);
  v.Visit("encoderNLayers", encoder_n_layers, {.doc = "Recurrent layers.", .min = 1, .max = 100});
  v.Visit("encoderHiddenSize", encoder_hidden_size,
          {.doc = "Units of each recurrent layer.", .min = 1, .max = 65536});
  v.Visit("encoderBias", encoder_bias, {.doc = "Recurrent layers have biases."});
  v.Visit("encoderDropout", encoder_dropout,
          {.doc = "Dropout of the states between recurrent layers.", .min = 0, .max = 0.99});
  v.Visit("decoderHiddenSize", decoder_hidden_size,
          {.doc = "Units of the decoder's hidden layers.", .min = 1, .max = 65536});
  v.Visit("decoderLayers", decoder_layers,
          {.doc = "Layers of the decoder; 1 is linear.", .min = 1, .max = 100});
}

void FeedBackConfig::VisitFields(FieldVisitor& v) {
  RecurrentConfig::VisitFields(v);
  v.Visit(
      "recurrent", recurrent,
      {.doc = "One step ahead at a time, each forecast fed back, instead of a decoder. Reads one "
              "value more than inputSize."});
  v.Visit("hTrain", h_train,
          {.doc = "Recurrent form: steps at the end of a training window that the loss counts.",
           .min = 1,
           .max = 100000});
}

void CheckFeedBack(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const FeedBackConfig&>(config);
  if (!c.recurrent) return;
  if (c.horizon > c.kMostFedBack) {
    Fail(ErrorCode::kOutOfRange, path + ".horizon must be <= " + std::to_string(c.kMostFedBack) +
                                     " with recurrent: true; got " + std::to_string(c.horizon));
  }
  if (!c.loss.horizon_weight.empty() && c.h_train != c.horizon) {
    Fail(ErrorCode::kOutOfRange, path + ".hTrain must be the horizon " + std::to_string(c.horizon) +
                                     " with a horizonWeight; got " + std::to_string(c.h_train));
  }
}

namespace {

RecurrentStack Encoder(const RecurrentConfig& c, Cell cell) {
  RecurrentStack encoder;
  encoder.cell = cell;
  encoder.layers = c.encoder_n_layers, encoder.hidden = c.encoder_hidden_size;
  encoder.bias = c.encoder_bias, encoder.dropout = c.encoder_dropout;
  return encoder;
}

// Forecasts of the next step [time, Q] from states [time, width].
Tensor NextSteps(Recorder& g, const RecurrentStack& encoder, Tensor states, int64_t outputs) {
  if (encoder.projection > 0) return states;
  return LinearLayer(g, states, outputs, Activation::kNone, "proj");
}

// The input of the step after one with these outputs: their mean, zeros for the historic columns,
// then the static and the future ones. [1, 1 + X + S + F].
Tensor FedBack(Recorder& g, const ModelInputs& in, Tensor outputs, int64_t step) {
  const int64_t historic = in.historic.empty() ? 0 : g.dims(in.historic)[1];
  const ConstMatrix mean(in.outputs, 1 + historic,
                         [q = in.outputs](int64_t, int64_t begin, int64_t end, float* out) {
                           for (int64_t i = begin; i < end; ++i) {
                             *out++ = i == 0 ? 1.0f / static_cast<float>(q) : 0.0f;
                           }
                         });
  std::vector<Tensor> parts = {ConstLinear(g, outputs, mean, {1, 1 + historic})};
  if (!in.statics.empty()) parts.push_back(RepeatRows(g, in.statics, 1));
  if (!in.future.empty()) parts.push_back(SliceTime(g, in.future, step, step + 1));
  return Concat(g, parts, Axis(1));
}

Tensor BuildFeedingBack(Recorder& g, RecurrentStack encoder, const ModelInputs& in) {
  if (encoder.cell == Cell::kLstm) encoder.projection = in.outputs;
  const std::string name = "hist_encoder";
  if (in.shown_targets) {
    const Tensor states = encoder(g, in.Sequence(g), name);
    return NextSteps(g, encoder, SliceTime(g, states, in.steps - in.horizon, in.steps), in.outputs);
  }
  RecurrentStack::State state;
  const Tensor states = encoder.Continue(g, in.Sequence(g), name, state);
  Tensor next = NextSteps(g, encoder, SliceTime(g, states, in.steps - 1, in.steps), in.outputs);
  std::vector<Tensor> forecast = {next};
  for (int64_t step = 0; step + 1 < in.horizon; ++step) {
    const Tensor x = FedBack(g, in, next, in.steps + step);
    next = NextSteps(g, encoder, encoder.Continue(g, x, name, state), in.outputs);
    forecast.push_back(next);
  }
  return Concat(g, forecast, Axis(0));
}

}  // namespace

Tensor EncodeLookback(Recorder& g, const RecurrentConfig& c, Cell cell, const ModelInputs& in) {
  return Encoder(c, cell)(g, in.Sequence(g), "hist_encoder");
}

Tensor DecodeStates(Recorder& g, const RecurrentConfig& c, const ModelInputs& in, Tensor states) {
  const int64_t time = g.dims(states)[0];
  const Tensor x = in.horizon > in.steps
                       ? LinearOverTime(g, states, in.horizon, "upsample_sequence")
                       : SliceTime(g, states, time - in.horizon, time);
  return MlpDecoder(g, in.WithFuture(g, x), in.outputs, c.decoder_hidden_size, c.decoder_layers,
                    "mlp_decoder");
}

Tensor BuildRecurrent(Recorder& g, const FeedBackConfig& c, Cell cell, const ModelInputs& in) {
  if (c.recurrent) return BuildFeedingBack(g, Encoder(c, cell), in);
  return DecodeStates(g, c, in, EncodeLookback(g, c, cell, in));
}

}  // namespace nf
