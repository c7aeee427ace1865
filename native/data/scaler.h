// Per-window scaling over time (NeuralForecast's TemporalNorm).
#ifndef NF_DATA_SCALER_H_
#define NF_DATA_SCALER_H_

#include <cstdint>
#include <span>
#include <string_view>

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
std::span<const std::string_view> ScalerNames();

// z = (x - loc) / scale; kMinMax1: 2z - 1; kInvariant: asinh(z).
struct WindowScale {
  double loc = 0.0, scale = 1.0;
};

// Statistics over the values whose mask is non-zero (mask may be null: all), with the reference's
// numerics: eps 1e-6; standard: masked mean, population std, 0 -> 1, + eps; robust/invariant: lower
// median and median absolute deviation, MAD 0 -> 0.67449 * std, 0 -> 1, + eps; minmax: range 0 ->
// 1, + eps. No observed value: loc 0, scale 1 (+ eps where the type adds it). scratch: n doubles.
// Masked values are not looked at: they may be NaN.
WindowScale FitWindow(ScalerType type, const double* x, const uint8_t* mask, int64_t n,
                      double* scratch);
// Writes out[i * stride]. The differences, and what is left after them, are f64: a price of 1e6
// that moves by 1e-3 keeps its move.
void ScaleWindow(ScalerType type, WindowScale s, const double* x, int64_t n, float* out,
                 int64_t stride = 1);
double Unscale(ScalerType type, WindowScale s, double z);
// The first `outputs` of the values of each step, which are `stride` apart: out [steps, outputs].
void UnscaleSteps(ScalerType type, WindowScale s, const float* z, int64_t steps, int64_t stride,
                  int64_t outputs, double* out);

}  // namespace nf

#endif  // NF_DATA_SCALER_H_
