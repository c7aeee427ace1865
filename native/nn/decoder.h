// What turns the states of a sequence into a forecast.
#ifndef NF_NN_DECODER_H_
#define NF_NN_DECODER_H_

#include <string>

#include "graph/recorder.h"

namespace nf {

// The MLP of NeuralForecast's encoder-decoder models, at each step by itself: x [time, in] ->
// [time, outputs]. `layers` linear layers in all, ReLU between them, `hidden` units each but the
// last; one layer alone is linear. Parameters "<name>.layers.0.weight", "<name>.layers.3.weight",
// ... (the reference counts ReLU and dropout too).
Tensor MlpDecoder(Recorder& g, Tensor x, int64_t outputs, int64_t hidden, int64_t layers,
                  const std::string& name);

// A linear layer along time, the same for every channel: x [time, channels] -> [steps, channels].
// Parameters "<name>.weight" [steps, time], "<name>.bias" [steps].
Tensor LinearOverTime(Recorder& g, Tensor x, int64_t steps, const std::string& name);

}  // namespace nf

#endif  // NF_NN_DECODER_H_
