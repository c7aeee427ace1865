// Fits one model to one panel. Runs on a job thread; all parallel work goes through the engine.
#ifndef NF_TRAIN_TRAINER_H_
#define NF_TRAIN_TRAINER_H_

#include <string>
#include <utility>
#include <vector>

#include "data/panel.h"
#include "engine/engine.h"
#include "engine/model.h"
#include "util/job_control.h"

namespace nf {

struct FitOptions {
  TrainConfig train;                        // the model's own, overlaid with fit()'s
  int64_t validation_size = 0;              // rows at the end of each series; 0: no validation
  const Panel* validation_panel = nullptr;  // other data to validate on instead
  // Ids of the panels' series, for error messages; may be empty.
  std::vector<std::string> series_names, validation_names;
  std::string checkpoint_path;       // "": no checkpoints
  int64_t checkpoint_frequency = 0;  // steps; 0: at every validation check
  bool resume = false;               // continue from checkpoint_path when it exists, bit for bit
  bool warm_start = false;           // begin from the model's weights instead of fresh ones
};

struct FitReport {
  std::string model;
  int64_t steps = 0;
  bool stopped_early = false;
  std::vector<double> train_loss;                      // one a step
  std::vector<std::pair<int64_t, double>> valid_loss;  // (step, loss)
  double best_valid_loss = 0.0;                        // NaN without validation
  double seconds = 0.0;
  double samples_per_second = 0.0;    // windows per second
  std::vector<std::string> warnings;  // sentences
};

// Throws kAborted (the model is left as it was), kDiverged (the model keeps the last good weights),
// kSeriesTooShort, kMissingExog, kOutOfRange, kOutOfMemory.
FitReport Fit(Model& model, Engine& engine, const Panel& panel, const FitOptions& options,
              const JobControl& control);

}  // namespace nf

#endif  // NF_TRAIN_TRAINER_H_
