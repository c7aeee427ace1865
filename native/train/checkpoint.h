// The state of a training as a file: resume goes on bit for bit.
#ifndef NF_TRAIN_CHECKPOINT_H_
#define NF_TRAIN_CHECKPOINT_H_

#include <optional>
#include <string>

#include "models/model.h"

namespace nf {

// Atomic: a crash leaves the file before it or the new one. Throws kIo.
void SaveCheckpoint(const std::string& path, const Model& model, const TrainState& state);
// Nothing when there is no file. Throws kCorruptModel for a damaged one, kOutOfRange for one of
// another model.
std::optional<TrainState> LoadCheckpoint(const std::string& path, const Model& model);

}  // namespace nf

#endif  // NF_TRAIN_CHECKPOINT_H_
