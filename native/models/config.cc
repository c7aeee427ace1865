#include "models/config.h"

#include "data/scaler.h"

namespace nf {

const std::vector<std::string> kOptimizers = {"adam", "adamw", "sgd", "rmsprop"};
const std::vector<std::string> kSchedules = {"constant",     "step",     "cosine", "exponential",
                                             "warmupCosine", "onecycle", "plateau"};
const std::vector<std::string> kValidLossScales = {"series", "data"};

void TrainConfig::VisitFields(FieldVisitor& v) {
  constexpr double kMost = 1e9;
  v.Visit("maxSteps", max_steps, {.doc = "Optimiser steps.", .min = 1, .max = kMost});
  v.Visit("epochs", epochs,
          {.doc = "Passes over the series, instead of maxSteps: epochs * ceil(series / batchSize) "
                  "steps. 0: maxSteps counts.",
           .min = 0,
           .max = kMost});
  v.Visit("learningRate", learning_rate,
          {.doc = "Step size of the optimiser.", .min = 0, .max = 1e3, .min_exclusive = true});
  v.Visit("batchSize", batch_size, {.doc = "Series per step.", .min = 1, .max = kMost});
  v.Visit("windowsBatchSize", windows_batch_size,
          {.doc = "Windows per step, drawn from those series.", .min = 1, .max = 1e6});
  v.Visit("stepSize", step_size,
          {.doc = "Distance between the candidate windows of a series.", .min = 1, .max = kMost});
  v.Visit(
      "startPadding", start_padding,
      {.doc = "Also train on windows that begin before the series, and forecast series of fewer "
              "rows than inputSize: zeros, masked."});
  v.Visit("earlyStopPatienceSteps", early_stop_patience_steps,
          {.doc = "Validation checks without gain before training stops and the best weights come "
                  "back. -1 or 0: off.",
           .min = -1,
           .max = kMost});
  v.Visit("valCheckSteps", val_check_steps,
          {.doc = "Steps between validation checks.", .min = 1, .max = kMost});
  v.Visit(
      "validLossScale", valid_loss_scale,
      {.doc = "Unit of the validation loss, which early stopping and 'plateau' go by. 'series': "
              "the errors of a series are divided by its mean absolute change from row to row, "
              "as those of MASE are, so that each series counts alike. 'data': the unit of y, "
              "in which the largest series decides (NeuralForecast's way). MAPE and SMAPE have "
              "none.",
       .choices = kValidLossScales,
       .later = true});
  v.Visit("optimizer", optimizer, {.doc = "The optimiser.", .choices = kOptimizers});
  v.Visit("beta1", beta1, {.doc = "Adam, AdamW: decay of the mean.", .min = 0, .max = 0.999999});
  v.Visit("beta2", beta2, {.doc = "Adam, AdamW: decay of the square.", .min = 0, .max = 0.999999});
  v.Visit(
      "epsilon", epsilon,
      {.doc = "Added to the denominator of a step.", .min = 0, .max = 1, .min_exclusive = true});
  v.Visit("momentum", momentum, {.doc = "SGD, RMSprop: momentum.", .min = 0, .max = 0.999999});
  v.Visit("weightDecay", weight_decay,
          {.doc = "L2 penalty; decoupled for AdamW.", .min = 0, .max = 1e3});
  v.Visit("lrScheduler", lr_scheduler,
          {.doc = "How the learning rate moves over maxSteps.", .choices = kSchedules});
  v.Visit(
      "numLrDecays", num_lr_decays,
      {.doc = "'step': how often the rate is multiplied by lrGamma, evenly spread over maxSteps. "
              "-1: never.",
       .min = -1,
       .max = kMost});
  v.Visit("lrGamma", lr_gamma,
          {.doc = "Factor of a decay: 'step', 'plateau', and per step for 'exponential'.",
           .min = 0,
           .max = 1,
           .min_exclusive = true});
  v.Visit(
      "lrPatience", lr_patience,
      {.doc = "'plateau': validation checks without gain before a decay.", .min = 0, .max = kMost});
  v.Visit("warmupSteps", warmup_steps,
          {.doc = "Steps in which the rate rises from 0: 'warmupCosine', 'onecycle' (0: 30%).",
           .min = 0,
           .max = kMost});
  v.Visit("minLearningRate", min_learning_rate,
          {.doc = "Where 'cosine' and 'warmupCosine' end, and the floor of 'plateau'.",
           .min = 0,
           .max = 1e3});
  v.Visit("gradientClipNorm", gradient_clip_norm,
          {.doc = "Largest norm of the gradient; 0: no clipping.", .min = 0, .max = 1e30});
  v.Visit("accumulateSteps", accumulate_steps,
          {.doc = "Batches whose gradients are averaged before a step.", .min = 1, .max = 1e6});
}

void ModelConfig::VisitFields(FieldVisitor& v) {
  v.Visit("horizon", horizon,
          {.doc = "Steps to forecast.", .required = true, .min = 1, .max = 100000});
  v.Visit("inputSize", input_size,
          {.doc = "Lookback: steps that a forecast is made from.",
           .required = true,
           .min = 1,
           .max = 1000000});
  TrainConfig::VisitFields(v);
  v.Visit("scalerType", scaler_type,
          {.doc = "Scaling of each window over time.",
           .choices = {ScalerNames().begin(), ScalerNames().end()}});
  v.Visit("futureExog", future_exog, {.doc = "Columns known ahead of time."});
  v.Visit("historicExog", historic_exog, {.doc = "Columns known up to now."});
  v.Visit("staticExog", static_exog, {.doc = "Columns with one value a series."});
  v.Visit("alias", alias, {.doc = "Name of the forecast's column; default: the model's name."});
}

void MultivariateConfig::VisitFields(FieldVisitor& v) {
  ModelConfig::VisitFields(v);
  v.Visit("nSeries", n_series,
          {.doc = "Series that are forecast together: all that the data holds, which must have the "
                  "same rows, in the same order at every call. 0: as many as the data of fit().",
           .min = 0,
           .max = 65536});
}

}  // namespace nf
