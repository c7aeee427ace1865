#include "local/rows.h"

#include "data/windows.h"

namespace nf {

double UnitsPerDay(const Panel& panel, const LocalModelConfig& config) {
  constexpr double kMilliseconds = 86400000.0;
  return panel.ds_step == 0 ? kMilliseconds : panel.ds_step / config.days_per_step;
}

SeriesRows::SeriesRows(const Panel& panel, const LocalModelConfig& config, int64_t series,
                       int64_t begin, int64_t end, bool observed, std::string name) {
  const int64_t base = panel.offsets[static_cast<size_t>(series)];
  const double units = UnitsPerDay(panel, config);
  const std::vector<int32_t> used =
      FindColumns(panel.future_names, config.future_exog, "futureExog");
  columns_.resize(used.size());
  for (int64_t i = begin; i < end; ++i) {
    const int64_t row = base + i;
    if (observed && !panel.observed(row)) continue;
    const double time = panel.ds.size() != 0 ? panel.ds[row] : static_cast<double>(i);
    days_.push_back(time / units);
    y_.push_back(panel.y[row]);
    for (size_t c = 0; c < used.size(); ++c)
      columns_[c].push_back(panel.future[static_cast<size_t>(used[c])][row]);
  }
  rows_ = {.days = days_,
           .columns = {columns_.begin(), columns_.end()},
           .units_per_day = units,
           .name = std::move(name)};
}

}  // namespace nf
