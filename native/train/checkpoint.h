// The state of a training as a file: resume goes on bit for bit.
#ifndef NF_TRAIN_CHECKPOINT_H_
#define NF_TRAIN_CHECKPOINT_H_

#include <optional>
#include <string>

#include "models/model.h"
#include "util/job_control.h"

namespace nf {

// Atomic: a crash leaves the file before it or the new one. `train` is what this training runs by.
// Throws kIo.
void SaveCheckpoint(const std::string& path, const Model& model, const TrainConfig& train,
                    const TrainState& state, const JobControl& control);
// Nothing when there is no file. Throws kCorruptModel for a damaged one and for one whose weights
// are not finite, kOutOfRange for one of another training, with what differs: the model, an option
// of it, its seed, the optimiser. Other training options may differ: they rule from here on.
std::optional<TrainState> LoadCheckpoint(const std::string& path, const Model& model,
                                         const TrainConfig& train, const JobControl& control);

}  // namespace nf

#endif  // NF_TRAIN_CHECKPOINT_H_
