// The validation loss: forecasts of windows that training does not see, in original units or in
// those of each series.
#ifndef NF_TRAIN_VALIDATOR_H_
#define NF_TRAIN_VALIDATOR_H_

#include <memory>
#include <utility>
#include <vector>

#include "engine/batch_source.h"
#include "engine/engine.h"
#include "engine/forecast_rows.h"
#include "heads/head.h"

namespace nf {

class Validator {
 public:
  // The windows must not be empty. scales: what the errors of each series are divided by
  // (data/series_scale.h); empty: nothing.
  Validator(const NeuralModel& model, Engine& engine, const Panel& panel,
            std::vector<Frame> windows, std::vector<double> scales);

  // Mean loss (the model's valid loss) of all windows at these parameters.
  double Loss(const float* parameters);

 private:
  struct Slot {
    explicit Slot(ForecastSlot of) : forecasts(std::move(of)) {}
    ForecastSlot forecasts;
    std::vector<float> target, weight, forecast, insample, mask, loc, scale;
  };
  Slot MakeSlot(const NeuralModel& model) const;
  // Of the model's own loss where that is a distribution's, on its raw outputs.
  double RawLoss(Slot& slot, int64_t begin, int64_t count) const;
  double ShardLoss(Slot& slot, int64_t begin, int64_t count) const;
  void ReadLookbacks(Slot& slot, int64_t begin, int64_t count) const;
  LossRows RowsOf(const Slot& slot, int64_t count) const;

  Engine& engine_;
  const bool raw_;
  const std::unique_ptr<const Head> metric_;
  const ForecastRows forecasts_;
  const std::vector<Output> quantiles_;  // of a distribution: what the metric looks at
  const Asked asked_;
  const std::vector<int64_t> outputs_;  // of the model: those that the metric looks at
  const std::vector<Frame> windows_;
  const std::vector<double> scales_;
  WindowSource source_;
  ForecastPlan plan_;
  std::vector<Slot> slots_;
  const int64_t rows_;  // of a shard: by the model alone, so that the sum has one order
  std::vector<double> shard_loss_, shard_benchmark_;
};

}  // namespace nf

#endif  // NF_TRAIN_VALIDATOR_H_
