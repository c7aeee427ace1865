#include "models/recurrent.h"

#include "nn/decoder.h"
#include "nn/linear.h"
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
  const int64_t trained = config.train_horizon(), horizon = config.horizon;
  if (config.loss.horizon_weight.empty() || trained == horizon) return;
  Fail(ErrorCode::kOutOfRange, path + ".hTrain must be the horizon " + std::to_string(horizon) +
                                   " with a horizonWeight; got " + std::to_string(trained));
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

Tensor BuildFeedingBack(Recorder& g, RecurrentStack encoder, const ModelInputs& in) {
  if (encoder.cell == Cell::kLstm) encoder.projection = in.outputs;
  const Tensor states = CarriedStates(g, encoder, in, in.Sequence(g), "hist_encoder");
  return NextSteps(g, encoder, SliceTime(g, states, in.steps - in.horizon, in.steps), in.outputs);
}

}  // namespace

Tensor CarriedStates(Recorder& g, const RecurrentStack& stack, const ModelInputs& in, Tensor x,
                     const std::string& name) {
  if (in.carry == nullptr) return stack(g, x, name);
  RecurrentStack::State state;
  if (in.carry->goes_on) state = stack.Split(g, g.Input(Input::kState, {stack.state_size()}));
  const Tensor states = stack.Continue(g, x, name, state);
  in.carry->states = stack.Join(g, state);
  return states;
}

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
