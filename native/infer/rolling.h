// The panel that a forecast works on: the tail of every series, locally scaled, and behind it room
// for forecasts, so that a horizon beyond the trained one rolls over its own values.
#ifndef NF_INFER_ROLLING_H_
#define NF_INFER_ROLLING_H_

#include <span>

#include "data/panel.h"
#include "data/scaler.h"
#include "data/windows.h"
#include "models/config.h"

namespace nf {

class RollingPanel {
 public:
  // ahead[f]: future column f beyond the end, [num_series, horizon]; in the order of
  // config.future_exog.
  RollingPanel(const Panel& source, const ModelConfig& config,
               std::span<const std::span<const double>> ahead, int64_t horizon,
               LocalScalerType local_scaler);

  const Panel& panel() const { return panel_; }
  // Where the round that continues after `done` forecast steps begins. The last one is moved back
  // so that it ends with the horizon: nothing beyond it is known.
  int64_t OffsetOfRound(int64_t done) const;
  // The window that forecasts steps [offset, offset + h) after the end of a series.
  Window At(int64_t series, int64_t offset) const;
  // Makes a point forecast (locally scaled) part of the lookback of later rounds.
  void SetForecast(int64_t series, int64_t step, double value);
  // To the units of the source.
  double Invert(int64_t series, double value) const;

 private:
  const ModelConfig& config_;
  const int64_t horizon_;
  const LocalScalerType local_scaler_;
  PanelScales scales_;
  std::vector<int64_t> history_;  // rows of each series that are known
  Panel panel_;
};

}  // namespace nf

#endif  // NF_INFER_ROLLING_H_
