// The panel that a forecast works on: the tail of every series, locally scaled, and behind it room
// for forecasts. A horizon beyond the trained one goes in rounds: each reads the point forecasts of
// those before it as lookback, and the last one is cut where the horizon ends.
#ifndef NF_INFER_ROLLING_H_
#define NF_INFER_ROLLING_H_

#include <span>
#include <string>
#include <vector>

#include "data/local_scaler.h"
#include "data/panel.h"
#include "data/windows.h"
#include "models/config.h"

namespace nf {

// Steps that one round forecasts. A model that feeds back goes on from its state and needs no
// second.
int64_t RoundSteps(const ModelConfig& config, int64_t horizon);

// Steps beyond the end of a series over which the future columns must be known: whole rounds; of a
// model that feeds back, which reads them step by step, those of the horizon.
int64_t KnownSteps(const ModelConfig& config, int64_t horizon);

// Throws kSeriesTooShort naming the first series that no forecast can be made from: of fewer rows
// than the lookback, unless it may be padded, or without an observed value in the lookback. `what`
// begins the message.
void CheckLookbacks(const Panel& panel, const ModelConfig& config, bool padding,
                    const std::string& what);

class RollingPanel {
 public:
  // ahead[f]: future column f beyond the end, [num_series, KnownSteps]; in the order of
  // config.future_exog.
  RollingPanel(const Panel& source, const ModelConfig& config,
               std::span<const std::span<const double>> ahead, int64_t horizon,
               LocalScalerType local_scaler);

  const Panel& panel() const { return panel_; }
  // The frames of the round whose first step is `offset` after the end of the series: one for each,
  // or for every N of a multivariate model.
  std::vector<Frame> Frames(int64_t offset) const;
  // Makes a point forecast (locally scaled) part of the lookback of later rounds.
  void SetForecast(int64_t series, int64_t step, double value);
  // To the units of the source.
  double Invert(int64_t series, double value) const;

 private:
  const LocalScalerType local_scaler_;
  const int64_t together_;  // series of a frame
  PanelScales scales_;
  std::vector<int64_t> history_;  // rows of each series that are known
  Panel panel_;
};

}  // namespace nf

#endif  // NF_INFER_ROLLING_H_
