// Per-series scaling of a whole panel (NeuralForecast's local scalers, as coreforecast computes
// them).
#ifndef NF_DATA_LOCAL_SCALER_H_
#define NF_DATA_LOCAL_SCALER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/panel.h"

namespace nf {

// Fitted on the observed values of each series.
enum class LocalScalerType : uint8_t { kNone, kStandard, kRobust, kRobustIqr, kMinMax, kBoxCox };
LocalScalerType ParseLocalScaler(std::string_view name);  // "" is kNone; throws kOutOfRange
std::span<const std::string_view> LocalScalerNames();     // without ""

struct LocalScale {
  double loc = 0.0, scale = 1.0;  // z = (x - loc) / scale
  double lambda = 1.0;            // Box-Cox only: z = (x^lambda - 1) / lambda
};

// Fits one scale on x (mask may be null; masked values are not looked at). A series without spread
// has scale 1, one without an observed value the default LocalScale. Box-Cox needs x > 0: otherwise
// throws kOutOfRange naming `what` ("series 3, y"); lambda in (0, 2) by maximum likelihood, as
// NeuralForecast asks of coreforecast. scratch: n doubles.
LocalScale FitLocal(LocalScalerType type, const double* x, const uint8_t* mask, int64_t n,
                    double* scratch, const char* what);
double ApplyLocal(LocalScalerType type, const LocalScale& s, double x);
double InvertLocal(LocalScalerType type, const LocalScale& s, double z);

struct PanelScales {
  std::vector<LocalScale> y;                    // [num_series]
  std::vector<std::vector<LocalScale>> future;  // [F][num_series]: for values beyond the history
};

// Scales y and every historic and future column of the panel in place, each series by itself.
// Unobserved rows count in no statistic; ids are for error messages.
PanelScales ScalePanel(LocalScalerType type, Panel& panel, std::span<const std::string> ids = {});

}  // namespace nf

#endif  // NF_DATA_LOCAL_SCALER_H_
