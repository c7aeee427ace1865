// Rows of a panel as local models take them.
#ifndef NF_LOCAL_ROWS_H_
#define NF_LOCAL_ROWS_H_

#include <vector>

#include "data/panel.h"
#include "local/local_model.h"

namespace nf {

// How many units of a panel's timestamps are a day.
double UnitsPerDay(const Panel& panel, const LocalModelConfig& config);

// A copy of rows [begin, end) of a series, by position within it. observed: only those whose y is
// known.
class SeriesRows {
 public:
  SeriesRows(const Panel& panel, const LocalModelConfig& config, int64_t series, int64_t begin,
             int64_t end, bool observed, std::string name);

  const LocalRows& rows() const { return rows_; }
  std::span<const double> y() const { return y_; }

 private:
  std::vector<double> days_, y_;
  std::vector<std::vector<double>> columns_;
  LocalRows rows_;
};

}  // namespace nf

#endif  // NF_LOCAL_ROWS_H_
