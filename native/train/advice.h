// What of the data will make a network forecast badly, in words, before it is trained.
#ifndef NF_TRAIN_ADVICE_H_
#define NF_TRAIN_ADVICE_H_

#include <span>
#include <string>
#include <vector>

#include "data/panel.h"
#include "engine/neural_model.h"

namespace nf {

// At most one sentence on values that move too little and one on values far from 1, each with the
// series and the way out.
std::vector<std::string> Advice(const NeuralModel& model, const Panel& panel,
                                std::span<const std::string> names);

}  // namespace nf

#endif  // NF_TRAIN_ADVICE_H_
