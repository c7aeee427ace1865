// DeepAR: an LSTM over the values so far, from whose state the distribution of the next one comes;
// a forecast draws it and goes on from there, path by path (Salinas et al., 2020).
#include "models/recurrent.h"
#include "nn/decoder.h"
#include "ops/concat.h"
#include "ops/repeat_rows.h"
#include "ops/slice.h"

namespace nf {
namespace {

struct DeepArConfig : ModelConfig {
  int64_t h_train = 1;
  int64_t lstm_n_layers = 2;
  int64_t lstm_hidden_size = 128;
  double lstm_dropout = 0.1;
  int64_t decoder_hidden_layers = 0;
  int64_t decoder_hidden_size = 0;
  int64_t trajectory_samples = 100;

  DeepArConfig() {
    num_lr_decays = 3;
    loss.name = "DistributionLoss";
  }
  void VisitFields(FieldVisitor& v) override;
  bool feeds_back() const override { return true; }
  int64_t train_horizon() const override { return h_train; }
  int64_t paths() const override { return trajectory_samples; }
};

void DeepArConfig::VisitFields(FieldVisitor& v) {
  ModelConfig::VisitFields(v);
  v.Visit("hTrain", h_train,
          {.doc = "Steps at the end of a training window that the loss counts.",
           .min = 1,
           .max = 100000});
  v.Visit("lstmNLayers", lstm_n_layers, {.doc = "LSTM layers.", .min = 1, .max = 100});
  v.Visit("lstmHiddenSize", lstm_hidden_size,
          {.doc = "Units of each LSTM layer.", .min = 1, .max = 65536});
  v.Visit("lstmDropout", lstm_dropout,
          {.doc = "Dropout of the states between LSTM layers.", .min = 0, .max = 0.99});
  v.Visit(
      "decoderHiddenLayers", decoder_hidden_layers,
      {.doc = "Hidden layers between a state and the outputs; 0 is linear.", .min = 0, .max = 100});
  v.Visit("decoderHiddenSize", decoder_hidden_size,
          {.doc = "Units of those hidden layers.", .min = 0, .max = 65536});
  v.Visit("trajectorySamples", trajectory_samples,
          {.doc = "Paths that are drawn for a forecast: its columns are their mean and their "
                  "quantiles at each step. Without a distribution the point forecast is fed back "
                  "instead.",
           .min = 1,
           .max = 100000});
}

void Check(const ModelConfig& config, const std::string& path) {
  const auto& c = static_cast<const DeepArConfig&>(config);
  if (c.decoder_hidden_layers > 0 && c.decoder_hidden_size == 0) {
    Fail(ErrorCode::kOutOfRange, path +
                                     ".decoderHiddenSize must be >= 1 with decoderHiddenLayers " +
                                     std::to_string(c.decoder_hidden_layers) + "; got 0");
  }
  CheckFeedBack(config, path);
}

// [ y | future | static ] at each step.
Tensor Inputs(Recorder& g, const ModelInputs& in) {
  std::vector<Tensor> parts = {g.Reshape(in.insample_y, {in.steps, 1})};
  if (!in.future.empty()) parts.push_back(in.future);
  if (!in.statics.empty()) parts.push_back(RepeatRows(g, in.statics, in.steps));
  return Concat(g, parts, Axis(1));
}

Tensor Build(Recorder& g, const ModelConfig& config, const ModelInputs& in) {
  const auto& c = static_cast<const DeepArConfig&>(config);
  RecurrentStack lstm;
  lstm.layers = c.lstm_n_layers, lstm.hidden = c.lstm_hidden_size, lstm.dropout = c.lstm_dropout;
  const Tensor states = CarriedStates(g, lstm, in, Inputs(g, in), "hist_encoder");
  return MlpDecoder(g, SliceTime(g, states, in.steps - in.horizon, in.steps), in.outputs,
                    c.decoder_hidden_size, c.decoder_hidden_layers + 1, "decoder");
}

}  // namespace

extern const ModelEntry kDeepARModel = {
    .name = "DeepAR",
    .doc = "An LSTM gives the distribution of the next value; a forecast is sampled path by path.",
    .paper = "Salinas et al., 2020",
    .future_exog = true,
    .static_exog = true,
    .recurrent = true,
    .probabilistic = true,
    .tiny = R"({"inputSize": 11, "hTrain": 4, "lstmHiddenSize": 16, "trajectorySamples": 8,
                "loss": "MAE"})",
    .dropout = R"({"lstmDropout": 0.2})",
    .bench = R"({"lstmHiddenSize": 128, "lstmNLayers": 2})",
    .make_config = MakeConfig<DeepArConfig>,
    .check = Check,
    .build = Build,
};

}  // namespace nf
