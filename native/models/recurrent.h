// What the models RNN, LSTM and GRU share: a recurrent encoder over the lookback and a decoder for
// each step ahead.
#ifndef NF_MODELS_RECURRENT_H_
#define NF_MODELS_RECURRENT_H_

#include "models/registry.h"
#include "nn/recurrent.h"

namespace nf {

struct RecurrentConfig : ModelConfig {
  int64_t encoder_n_layers = 2;
  int64_t encoder_hidden_size = 128;
  bool encoder_bias = true;
  double encoder_dropout = 0.0;
  int64_t decoder_hidden_size = 128;
  int64_t decoder_layers = 2;

  RecurrentConfig() {
    windows_batch_size = 128;
    scaler_type = "robust";
  }
  void VisitFields(FieldVisitor& v) override;
};

// [h, Q]: the states of the last h steps (a linear layer along time makes h of them where the
// lookback is shorter), beside the future columns, through an MLP. The parameters are
// "hist_encoder.*", "upsample_sequence.*" and "mlp_decoder.*".
Tensor BuildRecurrent(Builder& b, const RecurrentConfig& config, Cell cell, const ModelInputs& in);

}  // namespace nf

#endif  // NF_MODELS_RECURRENT_H_
