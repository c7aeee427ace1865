// The learning rate over a training: torch's formulas, one value an optimiser step.
#ifndef NF_TRAIN_SCHEDULE_H_
#define NF_TRAIN_SCHEDULE_H_

#include <cstdint>

#include "models/config.h"

namespace nf {

// What 'plateau' remembers between validation checks (torch's ReduceLROnPlateau, mode min, relative
// threshold 1e-4).
struct PlateauState {
  double rate = 0;  // 0: not begun
  double best = 0;
  int64_t bad_checks = 0;
};

class Schedule {
 public:
  Schedule(const TrainConfig& config, int64_t max_steps) : config_(config), max_steps_(max_steps) {}

  // Rate of optimiser step `step` (from 0).
  double Rate(int64_t step) const;
  void OnValidation(double loss);

  const PlateauState& plateau() const { return plateau_; }
  void set_plateau(const PlateauState& state) { plateau_ = state; }

 private:
  const TrainConfig& config_;
  const int64_t max_steps_;
  PlateauState plateau_;
};

}  // namespace nf

#endif  // NF_TRAIN_SCHEDULE_H_
