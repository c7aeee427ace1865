#include "models/recurrent.h"

#include "nn/decoder.h"

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

Tensor EncodeLookback(Builder& b, const RecurrentConfig& c, Cell cell, const ModelInputs& in) {
  RecurrentStack encoder;
  encoder.cell = cell;
  encoder.layers = c.encoder_n_layers, encoder.hidden = c.encoder_hidden_size;
  encoder.bias = c.encoder_bias, encoder.dropout = c.encoder_dropout;
  return encoder(b, in.Sequence(b), "hist_encoder");
}

Tensor DecodeStates(Builder& b, const RecurrentConfig& c, const ModelInputs& in, Tensor states) {
  const int64_t time = b.dims(states)[0];
  const Tensor x = in.horizon > in.input_size
                       ? LinearOverTime(b, states, in.horizon, "upsample_sequence")
                       : b.SliceTime(states, time - in.horizon, time);
  return MlpDecoder(b, in.WithFuture(b, x), in.outputs, c.decoder_hidden_size, c.decoder_layers,
                    "mlp_decoder");
}

Tensor BuildRecurrent(Builder& b, const RecurrentConfig& c, Cell cell, const ModelInputs& in) {
  return DecodeStates(b, c, in, EncodeLookback(b, c, cell, in));
}

}  // namespace nf
