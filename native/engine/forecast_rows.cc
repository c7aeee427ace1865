#include "engine/forecast_rows.h"

namespace nf {

ForecastSlot::ForecastSlot(const Program& program, const ModelConfig& config, Pool& pool,
                           int64_t rows, int64_t series)
    : memory(program, pool, rows),
      scales(static_cast<size_t>(rows * series)),
      local(static_cast<size_t>(rows)) {
  const Graph& graph = program.graph();
  const int64_t steps = graph.tensor(graph.output).size / (series * config.loss.outputs());
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

// By insertion: there are few, and next to nothing to move.
void SortQuantiles(std::span<const int32_t> ascending, double* values) {
  for (size_t i = 1; i < ascending.size(); ++i) {
    const double value = values[ascending[i]];
    size_t at = i;
    for (; at > 0 && values[ascending[at - 1]] > value; --at) {
      values[ascending[at]] = values[ascending[at - 1]];
    }
    values[ascending[at]] = value;
  }
}

ForecastRows::ForecastRows(const ModelConfig& config, int64_t series)
    : scaler_(ParseScaler(config.scaler_type)),
      series_(series),
      outputs_(config.loss.outputs()),
      ascending_(config.loss.Ascending()) {}

}  // namespace nf
