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

// The states of the encoder "hist_encoder" over the lookback, [L, hidden].
Tensor EncodeLookback(Builder& b, const RecurrentConfig& config, Cell cell, const ModelInputs& in);

// [h, Q] from states [min(h, L) or more, hidden]: the last h of them (a linear layer along time,
// "upsample_sequence", makes h where the lookback is shorter), beside the future columns, through
// the MLP "mlp_decoder".
Tensor DecodeStates(Builder& b, const RecurrentConfig& config, const ModelInputs& in,
                    Tensor states);

// Both.
Tensor BuildRecurrent(Builder& b, const RecurrentConfig& config, Cell cell, const ModelInputs& in);

}  // namespace nf

#endif  // NF_MODELS_RECURRENT_H_
