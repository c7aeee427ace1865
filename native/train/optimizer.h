// One update of the parameter slab, parallel over ranges of it.
#ifndef NF_TRAIN_OPTIMIZER_H_
#define NF_TRAIN_OPTIMIZER_H_

#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "models/config.h"

namespace nf {

class Optimizer {
 public:
  Optimizer(const TrainConfig& config, Engine& engine, int64_t slab_size);

  // Gradients are multiplied by grad_scale, then clipped to the configured norm. `step` from 0. The
  // same bits at any thread count: ranges are fixed and the norm is summed in their order.
  void Step(int64_t step, double rate, float grad_scale, const float* gradients, float* parameters,
            float* moment1, float* moment2);

 private:
  double Norm(const float* gradients);

  const TrainConfig& config_;
  Engine& engine_;
  const int64_t slab_size_;
  std::vector<double> partial_;  // sums of squares, one a range
};

}  // namespace nf

#endif  // NF_TRAIN_OPTIMIZER_H_
