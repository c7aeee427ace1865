// Options that every model has, under NeuralForecast's names in camelCase and with its defaults. A
// model's own config derives from ModelConfig and adds its fields.
#ifndef NF_MODELS_CONFIG_H_
#define NF_MODELS_CONFIG_H_

#include <algorithm>
#include <string>
#include <vector>

#include "config/fields.h"
#include "heads/loss.h"

namespace nf {

extern const std::vector<std::string> kOptimizers, kSchedules, kValidLossScales;

// How a model is trained. fit() overlays its own training options on these.
struct TrainConfig : Fields {
  int64_t max_steps = 1000;
  int64_t epochs = 0;  // > 0: overrides max_steps with epochs * ceil(series / batch_size)
  double learning_rate = 1e-3;
  int64_t batch_size = 32;
  int64_t windows_batch_size = 1024;
  int64_t step_size = 1;
  bool start_padding = false;
  int64_t early_stop_patience_steps = -1;
  int64_t val_check_steps = 100;
  std::string valid_loss_scale = "series";
  int64_t num_lr_decays = -1;
  std::string optimizer = "adam";
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, momentum = 0.0;
  double weight_decay = 0.0;
  std::string lr_scheduler = "step";  // with num_lr_decays -1 the rate is constant
  int64_t warmup_steps = 0;
  double lr_gamma = 0.5;
  int64_t lr_patience = 10;
  double min_learning_rate = 0.0;
  double gradient_clip_norm = 0.0;  // 0: off
  int64_t accumulate_steps = 1;

  void VisitFields(FieldVisitor& v) override;
};

struct ModelConfig : TrainConfig {
  int64_t horizon = 0;
  int64_t input_size = 0;
  std::string scaler_type = "identity";
  std::vector<std::string> future_exog, historic_exog, static_exog;
  std::string alias;            // "": the model's name
  LossConfig loss, valid_loss;  // JSON members "loss" and "validLoss": a name or {name, ...}

  // Such a model forecasts one step ahead at every step, feeds its forecasts back, and in training
  // is shown the targets instead, all but the last (data/windows.h).
  virtual bool feeds_back() const { return false; }
  // Paths that it samples for a forecast where its loss is a distribution's.
  virtual int64_t paths() const { return 100; }
  // Steps of a training window's horizon.
  virtual int64_t train_horizon() const { return horizon; }
  // Series that are forecast together: those of a frame (data/windows.h).
  virtual int64_t series() const { return 1; }
  // It normalises its windows itself, so that their level does not matter.
  virtual bool normalizes() const { return false; }
  // Values of y that a forecast is made from. Fed back, the last of them is the first input of the
  // steps ahead, so there is one more.
  int64_t lookback() const { return input_size + (feeds_back() ? 1 : 0); }

  void VisitFields(FieldVisitor& v) override;  // all but loss and validLoss, which are nested
};

// Of models that forecast all series of a panel together (ModelEntry::multivariate).
struct MultivariateConfig : ModelConfig {
  int64_t n_series = 0;  // 0: not said; lib/ then makes the model anew for the data of each fit

  int64_t series() const override { return std::max<int64_t>(n_series, 1); }
  void VisitFields(FieldVisitor& v) override;
};

}  // namespace nf

#endif  // NF_MODELS_CONFIG_H_
