// The one way from rows to forecasts: gather, forward, unscale, quantiles in order. Panels, raw
// windows and validation go through it.
#ifndef NF_ENGINE_FORECAST_ROWS_H_
#define NF_ENGINE_FORECAST_ROWS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/forward.h"
#include "engine/row_source.h"

namespace nf {

// One thread's memory for up to `rows` rows at a time, of `series` series (N) each.
struct ForecastSlot {
  ForecastSlot(const Program& program, const ModelConfig& config, Pool& pool, int64_t rows,
               int64_t series = 1);
  // The model's own outputs, as scaled, of rows [begin, begin + count) of a source: [count, h, N,
  // Q], valid until the next call.
  const float* Run(const ForwardPlan& plan, const RowSource& source, int64_t begin, int64_t count);

  ForwardMemory memory;
  std::vector<double> scratch, values;
  std::vector<WindowScale> scales;
  std::vector<LocalScale> local;
  BatchRows to;  // into the above; target and weight are the caller's
};

// Puts the values of one step in the order of their quantiles, which `ascending` gives
// (LossConfig::Ascending). Equal and ordered ones stay where they are.
void SortQuantiles(std::span<const int32_t> ascending, double* values);

class ForecastRows {
 public:
  explicit ForecastRows(const ModelConfig& config, int64_t series = 1);

  int64_t outputs() const { return outputs_; }
  ScalerType scaler() const { return scaler_; }
  // Of rows [begin, begin + count): calls use(r, values) for each of the count * N series of the
  // rows, values being the outputs of every step, [h, Q], in the units of the source's y (for raw
  // windows after their local scaler).
  template <class Use>
  void Run(const ForwardPlan& plan, const RowSource& source, int64_t begin, int64_t count,
           ForecastSlot& slot, Use&& use) const;

 private:
  const ScalerType scaler_;
  const int64_t series_, outputs_;  // N, Q
  const std::vector<int32_t> ascending_;
};

template <class Use>
void ForecastRows::Run(const ForwardPlan& plan, const RowSource& source, int64_t begin,
                       int64_t count, ForecastSlot& slot, Use&& use) const {
  const float* scaled = slot.Run(plan, source, begin, count);
  const Graph& graph = plan.program().graph();
  const int64_t steps = graph.tensor(graph.output).size / (series_ * outputs_);
  double* const values = slot.values.data();
  for (int64_t r = 0; r < count * series_; ++r) {
    const WindowScale scale = slot.scales[static_cast<size_t>(r)];
    const float* from = scaled + (r / series_ * steps * series_ + r % series_) * outputs_;
    for (int64_t t = 0; t < steps; ++t, from += series_ * outputs_) {
      double* const step = values + t * outputs_;
      for (int64_t q = 0; q < outputs_; ++q) {
        step[q] = Unscale(scaler_, scale, static_cast<double>(from[q]));
      }
      if (!ascending_.empty()) SortQuantiles(ascending_, step);
    }
    use(r, values);
  }
}

}  // namespace nf

#endif  // NF_ENGINE_FORECAST_ROWS_H_
