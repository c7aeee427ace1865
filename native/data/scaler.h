// Per-window scaling over time (NeuralForecast's TemporalNorm) and per-series scaling of a whole
// panel (its local scalers, as coreforecast computes them).
#ifndef NF_DATA_SCALER_H_
#define NF_DATA_SCALER_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/panel.h"

namespace nf {

// kRevin here is standard scaling (statistics per window); the learnable affine part is a model's
// layer.
enum class ScalerType : uint8_t {
  kIdentity,
  kStandard,
  kRevin,
  kRobust,
  kMinMax,
  kMinMax1,
  kInvariant
};
// "identity" "standard" "revin" "robust" "minmax" "minmax1" "invariant"; throws kOutOfRange.
ScalerType ParseScaler(std::string_view name);

// z = (x - loc) / scale; kMinMax1: 2z - 1; kInvariant: asinh(z).
struct WindowScale {
  double loc = 0.0, scale = 1.0;
};

// Statistics over the values whose mask is non-zero (mask may be null: all), with the reference's
// numerics: eps 1e-6; standard: masked mean, population std, 0 -> 1, + eps; robust/invariant: lower
// median and median absolute deviation, MAD 0 -> 0.67449 * std, 0 -> 1, + eps; minmax: range 0 ->
// 1, + eps. No observed value: loc 0, scale 1 (+ eps where the type adds it). scratch: n doubles.
WindowScale FitWindow(ScalerType type, const double* x, const float* mask, int64_t n,
                      double* scratch);
void ScaleWindow(ScalerType type, WindowScale s, const double* x, int64_t n, float* out);
double Unscale(ScalerType type, WindowScale s, double z);

// Per-series scalers: fitted on the observed values of each series.
enum class LocalScalerType : uint8_t { kNone, kStandard, kRobust, kRobustIqr, kMinMax, kBoxCox };
LocalScalerType ParseLocalScaler(std::string_view name);  // "" is kNone

struct LocalScale {
  double loc = 0.0, scale = 1.0, lambda = 1.0;  // lambda: Box-Cox only
};

// Fits one scale on x (mask may be null). Box-Cox needs x > 0: otherwise throws kOutOfRange naming
// `what` ("series 3, y"). Lambda by Guerrero's method as coreforecast does, or maximum likelihood.
LocalScale FitLocal(LocalScalerType type, const double* x, const uint8_t* mask, int64_t n,
                    const char* what);
double ApplyLocal(LocalScalerType type, const LocalScale& s, double x);
double InvertLocal(LocalScalerType type, const LocalScale& s, double z);

// Scales y and every exogenous column of the panel in place; returns the scales of y, one a series.
std::vector<LocalScale> ScalePanel(LocalScalerType type, Panel& panel);

}  // namespace nf

#endif  // NF_DATA_SCALER_H_
