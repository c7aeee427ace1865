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

Tensor BuildRecurrent(Builder& b, const RecurrentConfig& c, Cell cell, const ModelInputs& in) {
  RecurrentStack encoder;
  encoder.cell = cell;
  encoder.layers = c.encoder_n_layers, encoder.hidden = c.encoder_hidden_size;
  encoder.bias = c.encoder_bias, encoder.dropout = c.encoder_dropout;
  Tensor x = encoder(b, in.Sequence(b), "hist_encoder");  // [L, hidden]
  if (in.horizon > in.input_size) {
    x = LinearOverTime(b, x, in.horizon, "upsample_sequence");
  } else {
    x = b.SliceTime(x, in.input_size - in.horizon, in.input_size);
  }
  return MlpDecoder(b, in.WithFuture(b, x), in.outputs, c.decoder_hidden_size, c.decoder_layers,
                    "mlp_decoder");
}

}  // namespace nf
