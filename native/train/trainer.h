// Trains one neural model on one panel. Runs on a job thread; all parallel work goes through the
// engine.
#ifndef NF_TRAIN_TRAINER_H_
#define NF_TRAIN_TRAINER_H_

#include <string>

#include "data/panel.h"
#include "data/sampler.h"
#include "data/validation.h"
#include "engine/engine.h"
#include "engine/neural_model.h"
#include "util/fit_report.h"
#include "util/job_control.h"

namespace nf {

struct FitOptions : Validation {
  TrainConfig train;                 // the model's own, overlaid with fit()'s
  std::string checkpoint_path;       // "": no checkpoints
  int64_t checkpoint_frequency = 0;  // steps; 0: at every validation check
  bool resume = false;               // continue from checkpoint_path when it exists, bit for bit
  bool warm_start = false;           // begin from the model's weights instead of fresh ones
};

// How a fit draws its windows.
SamplerOptions SamplerOf(const NeuralModel& model, const FitOptions& options);

// Throws kAborted (the model is left as it was), kDiverged (the model keeps the last good weights),
// kSeriesTooShort, kMissingExog, kOutOfRange, kOutOfMemory.
FitReport Fit(NeuralModel& model, Engine& engine, const Panel& panel, const FitOptions& options,
              const JobControl& control);

}  // namespace nf

#endif  // NF_TRAIN_TRAINER_H_
