#include "engine/forecast_rows.h"

namespace nf {

ForecastSlot::ForecastSlot(const Program& program, const ModelConfig& config, const Head& head,
                           Pool& pool, int64_t rows)
    : memory(program, pool, rows),
      scales(static_cast<size_t>(rows * config.series())),
      local(scales.size()) {
  const Graph& graph = program.graph();
  const int64_t steps = graph.tensor(graph.output).size / (config.series() * head.width());
  values.resize(static_cast<size_t>(steps * config.loss.outputs()));
  scratch.resize(static_cast<size_t>(WindowShape::ScratchDoubles(config.lookback(), steps)));
  to.inputs = memory.inputs();
  to.scale = scales.data();
  to.local = local.data();
}

const float* ForecastSlot::Run(const ForwardPlan& plan, const RowSource& source, int64_t begin,
                               int64_t count) {
  source.Fill(begin, count, to, scratch.data());
  return memory.Run(plan, count);
}

ForecastRows::ForecastRows(const ModelConfig& config, const Head& head)
    : head_(head),
      scaler_(ParseScaler(config.scaler_type)),
      series_(config.series()),
      own_(config.loss.outputs()) {}

}  // namespace nf
