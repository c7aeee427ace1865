#include "data/scaler.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/statistics.h"
#include "util/error.h"

namespace nf {
namespace {

constexpr double kEps = 1e-6;
constexpr double kMadOfStd = 0.6744897501960817;  // the normal distribution's MAD / std

// In the order of ScalerType.
constexpr std::array<std::string_view, 7> kNames = {"identity", "standard", "revin",    "robust",
                                                    "minmax",   "minmax1",  "invariant"};

// Copies the observed values to the front of out; returns how many.
int64_t Observed(const double* x, const uint8_t* mask, int64_t n, double* out) {
  if (mask == nullptr) {
    std::copy_n(x, n, out);
    return n;
  }
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (mask[i] != 0) out[count++] = x[i];
  }
  return count;
}

double LowerMedian(double* x, int64_t n) {
  double* middle = x + (n - 1) / 2;
  std::nth_element(x, middle, x + n);
  return *middle;
}

double OneIfZero(double scale) { return scale == 0.0 ? 1.0 : scale; }

// Reorders and overwrites x.
WindowScale FitRobust(double* x, int64_t n) {
  const double median = LowerMedian(x, n);
  // The lower median of the deviations is 0 exactly when so many values equal the median. Known
  // before the deviations overwrite the values, from which the fallback is taken.
  if (std::count(x, x + n, median) > (n - 1) / 2) {
    return {median, OneIfZero(kMadOfStd * MeanStd(x, n).std) + kEps};
  }
  std::transform(x, x + n, x, [median](double v) { return std::abs(v - median); });
  return {median, LowerMedian(x, n) + kEps};
}

WindowScale FitMinMax(const double* x, int64_t n) {
  const auto [low, high] = std::minmax_element(x, x + n);
  return {*low, OneIfZero(*high - *low) + kEps};
}

}  // namespace

ScalerType ParseScaler(std::string_view name) {
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  if (it != kNames.end()) return static_cast<ScalerType>(it - kNames.begin());
  std::string message = "scalerType '" + std::string(name) + "' is unknown: use one of";
  for (std::string_view known : kNames) message += " '" + std::string(known) + "'";
  Fail(ErrorCode::kOutOfRange, message);
}

std::span<const std::string_view> ScalerNames() { return kNames; }

WindowScale FitWindow(ScalerType type, const double* x, const uint8_t* mask, int64_t n,
                      double* scratch) {
  if (type == ScalerType::kIdentity) return {};
  const int64_t count = Observed(x, mask, n, scratch);
  if (count == 0) return {0.0, 1.0 + kEps};
  switch (type) {
    case ScalerType::kIdentity:
      break;
    case ScalerType::kStandard:
    case ScalerType::kRevin: {
      const Moments m = MeanStd(scratch, count);
      return {m.mean, OneIfZero(m.std) + kEps};
    }
    case ScalerType::kRobust:
    case ScalerType::kInvariant:
      return FitRobust(scratch, count);
    case ScalerType::kMinMax:
    case ScalerType::kMinMax1:
      return FitMinMax(scratch, count);
  }
  return {};
}

void ScaleWindow(ScalerType type, WindowScale s, const double* x, int64_t n, float* out,
                 int64_t stride) {
  const double inverse = 1.0 / s.scale;
  switch (type) {
    case ScalerType::kIdentity:
      for (int64_t i = 0; i < n; ++i) out[i * stride] = static_cast<float>(x[i]);
      return;
    case ScalerType::kMinMax1:
      for (int64_t i = 0; i < n; ++i) {
        out[i * stride] = static_cast<float>(2.0 * ((x[i] - s.loc) * inverse) - 1.0);
      }
      return;
    case ScalerType::kInvariant:
      for (int64_t i = 0; i < n; ++i) {
        out[i * stride] = static_cast<float>(std::asinh((x[i] - s.loc) * inverse));
      }
      return;
    case ScalerType::kStandard:
    case ScalerType::kRevin:
    case ScalerType::kRobust:
    case ScalerType::kMinMax:
      for (int64_t i = 0; i < n; ++i) {
        out[i * stride] = static_cast<float>((x[i] - s.loc) * inverse);
      }
      return;
  }
}

double Unscale(ScalerType type, WindowScale s, double z) {
  switch (type) {
    case ScalerType::kIdentity:
      return z;
    case ScalerType::kMinMax1:
      return (z + 1.0) * 0.5 * s.scale + s.loc;
    case ScalerType::kInvariant:
      return std::sinh(z) * s.scale + s.loc;
    case ScalerType::kStandard:
    case ScalerType::kRevin:
    case ScalerType::kRobust:
    case ScalerType::kMinMax:
      return z * s.scale + s.loc;
  }
  return z;
}

}  // namespace nf
