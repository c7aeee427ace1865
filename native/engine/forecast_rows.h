// The one way from rows to forecasts: gather, forward, unscale, quantiles in order. Panels, raw
// windows and validation go through it.
#ifndef NF_ENGINE_FORECAST_ROWS_H_
#define NF_ENGINE_FORECAST_ROWS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/forward.h"
#include "engine/rollout.h"
#include "engine/row_source.h"
#include "heads/head.h"

namespace nf {

// One thread's memory for up to `rows` rows at a time, of N series each.
struct ForecastSlot {
  ForecastSlot(const ForecastPlan& plan, const ModelConfig& config, const Head& head, Pool& pool,
               int64_t rows);
  // The model's raw outputs of rows [begin, begin + count) of a source, h steps ahead (of a model
  // that does not feed back those that it has): [count, h, N, P], valid until the next call.
  const float* Run(const ForecastPlan& plan, const RowSource& source, int64_t h, int64_t begin,
                   int64_t count);
  // Of a model that feeds back: gathers the rows and runs their first step.
  void Begin(const ForecastPlan& plan, const RowSource& source, int64_t h, int64_t begin,
             int64_t count);

  // Goes through the memory of `rows` rows, h steps ahead.
  void Touch(const ForecastPlan& plan, int64_t h, int64_t rows);

  int64_t lookback;
  ForwardMemory memory;
  std::optional<Rollout> rollout;  // of a model that feeds back
  std::vector<double> scratch, values;
  std::vector<WindowScale> scales;
  std::vector<LocalScale> local;
  BatchRows to;  // into the above; where the target and its weight go is the caller's
};

class ForecastRows {
 public:
  // The head must outlive it.
  ForecastRows(const ModelConfig& config, const Head& head);

  int64_t series() const { return series_; }
  // Values of a step: as many as are asked for, or the loss's own outputs.
  int64_t outputs(const Asked& asked) const { return head_.any_quantile() ? asked.size() : own_; }
  ScalerType scaler() const { return scaler_; }
  // Of rows [begin, begin + count), h steps ahead: calls use(r, values) for each of the count * N
  // series of the rows, values being the outputs of every step, [h, outputs(asked)], in the units
  // of the source's y (for raw windows after their local scaler).
  template <class Use>
  void Run(const ForecastPlan& plan, const RowSource& source, int64_t h, int64_t begin,
           int64_t count, const Asked& asked, ForecastSlot& slot, Use&& use) const;

 private:
  const Head& head_;
  const ScalerType scaler_;
  const int64_t series_, own_;  // N, outputs of the loss
};

template <class Use>
void ForecastRows::Run(const ForecastPlan& plan, const RowSource& source, int64_t h, int64_t begin,
                       int64_t count, const Asked& asked, ForecastSlot& slot, Use&& use) const {
  if (slot.rollout && head_.distribution() && asked.paths > 0) {
    slot.Begin(plan, source, h, begin, count);
    return slot.rollout->Sample(plan, asked, use);
  }
  const float* raw = slot.Run(plan, source, h, begin, count);
  const int64_t width = head_.width();
  slot.values.resize(static_cast<size_t>(h * outputs(asked)));
  int64_t i = 0;
  for (int64_t r = 0; r < count; ++r, raw += h * series_ * width) {
    for (int64_t n = 0; n < series_; ++n, ++i) {
      head_.Values(raw + n * width, h, series_ * width, scaler_,
                   slot.scales[static_cast<size_t>(i)], asked, begin * series_ + i,
                   plan.first.parameters(), slot.values.data());
      use(i, slot.values.data());
    }
  }
}

}  // namespace nf

#endif  // NF_ENGINE_FORECAST_ROWS_H_
