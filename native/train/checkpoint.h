// The state of a training as a file: resume goes on bit for bit.
#ifndef NF_TRAIN_CHECKPOINT_H_
#define NF_TRAIN_CHECKPOINT_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/panel.h"
#include "engine/neural_model.h"
#include "util/job_control.h"

namespace nf {

// Everything needed to go on training exactly where it stopped. Slabs share the graph's layout.
struct TrainState {
  int64_t step = 0;  // optimiser steps done
  std::string data;  // MarkOf the data that it is trained on; empty: of an older version
  std::vector<float> parameters, moment1, moment2;
  std::vector<float> good_parameters;  // lately seen to give a finite loss
  std::vector<float> best_parameters;  // empty before the first validation
  std::string valid_measure;           // what the validation losses below are losses of
  double best_valid_loss = std::numeric_limits<double>::infinity();
  int64_t checks_without_gain = 0;
  double plateau_rate = 0, plateau_best = 0;  // train/schedule.h
  int64_t plateau_bad_checks = 0;
  std::vector<double> train_loss;                      // one a step
  std::vector<std::pair<int64_t, double>> valid_loss;  // (step, loss)
};

// Tells one training's data from another's: rows, series and a checksum of every value; and how
// many rows at the ends of the series are held out.
std::string MarkOf(const Panel& panel, int64_t holdout);

// Atomic: a crash leaves the file before it or the new one. `train` is what this training runs by.
// Throws kIo.
void SaveCheckpoint(const std::string& path, const NeuralModel& model, const TrainConfig& train,
                    const TrainState& state, const JobControl& control);
// Nothing when there is no file. Throws kCorruptModel for a damaged one and for one whose weights
// are not finite, kOutOfRange for one of another training, with what differs: the model, an option
// of it, its seed, the optimiser, the data (`data` is their mark). Other training options may
// differ: they rule from here on.
std::optional<TrainState> LoadCheckpoint(const std::string& path, const NeuralModel& model,
                                         const TrainConfig& train, const std::string& data,
                                         const JobControl& control);

}  // namespace nf

#endif  // NF_TRAIN_CHECKPOINT_H_
