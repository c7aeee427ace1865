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

// Of models that have the recurrent form too.
struct FeedBackConfig : RecurrentConfig {
  bool recurrent = false;
  int64_t h_train = 1;

  void VisitFields(FieldVisitor& v) override;
  bool feeds_back() const override { return recurrent; }
  int64_t train_horizon() const override { return recurrent ? h_train : horizon; }
};

// That the loss weighs the steps that it counts.
void CheckFeedBack(const ModelConfig& config, const std::string& path);

// The states of the encoder "hist_encoder" over the lookback, [L, hidden].
Tensor EncodeLookback(Recorder& g, const RecurrentConfig& config, Cell cell, const ModelInputs& in);

// [h, Q] from states [min(h, L) or more, hidden]: the last h of them (a linear layer along time,
// "upsample_sequence", makes h where the lookback is shorter), beside the future columns, through
// the MLP "mlp_decoder".
Tensor DecodeStates(Recorder& g, const RecurrentConfig& config, const ModelInputs& in,
                    Tensor states);

// The states of a stack at every step of x, [time, width]; in a forecast that feeds back, from
// those that are carried on, and on to those after it.
Tensor CarriedStates(Recorder& g, const RecurrentStack& stack, const ModelInputs& in, Tensor x,
                     const std::string& name);

// Both; or the recurrent form, which forecasts the next step from each state, by "proj.*" or the
// LSTM's own projection. It is trained on the last hTrain steps, with the values before them given;
// what its forecast feeds back, engine/rollout.h says.
Tensor BuildRecurrent(Recorder& g, const FeedBackConfig& config, Cell cell, const ModelInputs& in);

}  // namespace nf

#endif  // NF_MODELS_RECURRENT_H_
