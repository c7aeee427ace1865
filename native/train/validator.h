// The validation loss: forecasts of windows that training does not see, in original units.
#ifndef NF_TRAIN_VALIDATOR_H_
#define NF_TRAIN_VALIDATOR_H_

#include <vector>

#include "graph/engine.h"
#include "models/forward.h"
#include "train/batch_source.h"

namespace nf {

class Validator {
 public:
  // The windows must not be empty.
  Validator(const Model& model, Engine& engine, const Panel& panel, std::vector<Window> windows);

  // Mean loss (the model's valid loss) of all windows at these parameters.
  double Loss(const float* parameters);

 private:
  struct Slot {
    ForwardMemory memory;
    std::vector<float> target, weight, forecast;
    std::vector<double> scratch;
    std::vector<WindowScale> scales;
  };
  double ShardLoss(Slot& slot, int64_t begin, int64_t count) const;

  Engine& engine_;
  const LossConfig& loss_;
  const WindowShape shape_;
  const std::vector<Window> windows_;
  WindowSource source_;
  ForwardPlan plan_;
  std::vector<Slot> slots_;
  std::vector<float> quantiles_;
  const int64_t rows_;  // of a shard: by the model alone, so that the sum has one order
  std::vector<double> shard_loss_;
};

}  // namespace nf

#endif  // NF_TRAIN_VALIDATOR_H_
