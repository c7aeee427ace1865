#include "engine/forecast_rows.h"

#include <algorithm>

namespace nf {

ForecastSlot::ForecastSlot(const ForecastPlan& plan, const ModelConfig& config, const Head& head,
                           Pool& pool, int64_t rows)
    : lookback(config.lookback()),
      memory(plan.program(), pool, rows),
      scales(static_cast<size_t>(rows * config.series())),
      local(scales.size()) {
  values.resize(static_cast<size_t>(config.horizon * config.loss.outputs()));
  scratch.resize(static_cast<size_t>(WindowShape::ScratchDoubles(lookback, config.horizon)));
  if (plan.next) rollout.emplace(plan, config, head, pool, rows);
  to.inputs = memory.inputs();
  to.scale = scales.data();
  to.local = local.data();
}

const float* ForecastSlot::Run(const ForecastPlan& plan, const RowSource& source, int64_t h,
                               int64_t begin, int64_t count) {
  if (rollout) {
    Begin(plan, source, h, begin, count);
    return rollout->FeedBack(plan);
  }
  source.Fill(begin, count, to, scratch.data());
  return memory.Run(plan.first, count);
}

void ForecastSlot::Begin(const ForecastPlan& plan, const RowSource& source, int64_t h,
                         int64_t begin, int64_t count) {
  rollout->Aim(h, to.inputs);
  scratch.resize(static_cast<size_t>(WindowShape::ScratchDoubles(lookback, h)));
  source.Fill(begin, count, to, scratch.data());
  rollout->Begin(plan, memory, scales, count);
}

void ForecastSlot::Touch(const ForecastPlan& plan, int64_t h, int64_t rows) {
  const Graph& graph = plan.program().graph();
  for (size_t i = 0; i < memory.inputs().size(); ++i) {
    float* const input = memory.inputs()[i];
    if (input != nullptr) std::fill_n(input, rows * graph.tensor(graph.inputs[i]).size, 0.0f);
  }
  if (!rollout) {
    memory.Run(plan.first, rows);
    return;
  }
  rollout->Aim(h, to.inputs);
  rollout->Begin(plan, memory, scales, rows);
  rollout->FeedBack(plan);
}

ForecastRows::ForecastRows(const ModelConfig& config, const Head& head)
    : head_(head),
      scaler_(ParseScaler(config.scaler_type)),
      series_(config.series()),
      own_(config.loss.outputs()) {}

}  // namespace nf
