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

// Contiguous values go by vectors, which the compiler makes of a loop without a stride alone.
template <class Of>
void Spread(const double* x, int64_t n, float* out, int64_t stride, const Of& of) {
  if (stride == 1) {
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(of(x[i]));
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * stride] = static_cast<float>(of(x[i]));
  }
}

// What use(of) gives, `of` being the function from a scaled value to one in the unit of y.
template <class Use>
auto Unscaling(ScalerType type, WindowScale s, const Use& use) {
  switch (type) {
    case ScalerType::kIdentity:
      break;
    case ScalerType::kMinMax1:
      return use([=](double z) { return (z + 1.0) * 0.5 * s.scale + s.loc; });
    case ScalerType::kInvariant:
      return use([=](double z) { return std::sinh(z) * s.scale + s.loc; });
    case ScalerType::kStandard:
    case ScalerType::kRevin:
    case ScalerType::kRobust:
    case ScalerType::kMinMax:
      return use([=](double z) { return z * s.scale + s.loc; });
  }
  return use([](double z) { return z; });
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
  const auto each = [&](const auto& of) { Spread(x, n, out, stride, of); };
  switch (type) {
    case ScalerType::kIdentity:
      return each([](double v) { return v; });
    case ScalerType::kMinMax1:
      return each([=](double v) { return 2.0 * ((v - s.loc) * inverse) - 1.0; });
    case ScalerType::kInvariant:
      return each([=](double v) { return std::asinh((v - s.loc) * inverse); });
    case ScalerType::kStandard:
    case ScalerType::kRevin:
    case ScalerType::kRobust:
    case ScalerType::kMinMax:
      return each([=](double v) { return (v - s.loc) * inverse; });
  }
}

double Unscale(ScalerType type, WindowScale s, double z) {
  return Unscaling(type, s, [=](const auto& of) { return of(z); });
}

void UnscaleSteps(ScalerType type, WindowScale s, const float* z, int64_t steps, int64_t stride,
                  int64_t outputs, double* out) {
  Unscaling(type, s, [=](const auto& of) {
    if (outputs == stride) {
      for (int64_t i = 0; i < steps * outputs; ++i) out[i] = of(static_cast<double>(z[i]));
      return;
    }
    for (int64_t t = 0; t < steps; ++t) {
      for (int64_t q = 0; q < outputs; ++q)
        out[t * outputs + q] = of(static_cast<double>(z[t * stride + q]));
    }
  });
}

}  // namespace nf
