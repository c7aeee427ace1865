#include "data/local_scaler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "data/statistics.h"
#include "util/error.h"
#include "util/job_control.h"

namespace nf {
namespace {

// In the order of LocalScalerType from kStandard.
constexpr std::array<std::string_view, 5> kNames = {"standard", "robust", "robust-iqr", "minmax",
                                                    "boxcox"};

// Linear interpolation between order statistics: position q * (n - 1). Reorders x.
double Quantile(double* x, int64_t n, double q) {
  const double position = q * static_cast<double>(n - 1);
  const int64_t below = static_cast<int64_t>(position);
  std::nth_element(x, x + below, x + n);
  const double low = x[below];
  if (below + 1 >= n) return low;
  const double high = *std::min_element(x + below + 1, x + n);
  return low + (position - static_cast<double>(below)) * (high - low);
}

LocalScale FitStandard(const double* x, int64_t n) {
  const Moments m = MeanStd(x, n);
  return {m.mean, m.std};
}

LocalScale FitRobustMad(double* x, int64_t n) {
  const double median = Quantile(x, n, 0.5);
  std::transform(x, x + n, x, [median](double v) { return std::abs(v - median); });
  return {median, Quantile(x, n, 0.5)};
}

LocalScale FitRobustIqr(double* x, int64_t n) {
  const double median = Quantile(x, n, 0.5);
  const double lower = Quantile(x, n, 0.25);
  return {median, Quantile(x, n, 0.75) - lower};
}

LocalScale FitMinMax(const double* x, int64_t n) {
  const auto [low, high] = std::minmax_element(x, x + n);
  return {*low, *high - *low};
}

// Minimum of f on (a, b) by golden sections and parabolas (Brent, "Algorithms for Minimization
// without Derivatives", 1973, chapter 5). The tolerance is sqrt(sqrt(epsilon)), as R's optimize and
// coreforecast have it, so that lambda is the reference's and not merely near it.
template <class F>
double MinimizeBrent(const F& f, double a, double b) {
  const double golden = 0.5 * (3.0 - std::sqrt(5.0));
  const double root_eps = std::sqrt(std::numeric_limits<double>::epsilon());
  const double tolerance = std::sqrt(root_eps);
  double best = a + golden * (b - a), second = best, third = best;
  double f_best = f(best), f_second = f_best, f_third = f_best;
  double step = 0.0, step_before_last = 0.0;
  for (;;) {
    const double middle = 0.5 * (a + b);
    const double small = root_eps * std::abs(best) + tolerance / 3.0;
    if (std::abs(best - middle) <= 2.0 * small - 0.5 * (b - a)) return best;

    // The parabola through the three points has its vertex at best + p / q.
    double p = 0.0, q = 0.0, limit = 0.0;
    if (std::abs(step_before_last) > small) {
      const double r = (best - second) * (f_best - f_third);
      q = (best - third) * (f_best - f_second);
      p = (best - third) * q - (best - second) * r;
      q = 2.0 * (q - r);
      if (q > 0.0) p = -p;
      q = std::abs(q);
      limit = step_before_last;
      step_before_last = step;
    }
    const bool parabola =
        std::abs(p) < std::abs(0.5 * q * limit) && p > q * (a - best) && p < q * (b - best);
    if (parabola) {
      step = p / q;
      const double u = best + step;
      if (u - a < 2.0 * small || b - u < 2.0 * small) step = best < middle ? small : -small;
    } else {
      step_before_last = (best < middle ? b : a) - best;
      step = golden * step_before_last;
    }
    const double u = best + (std::abs(step) >= small ? step : std::copysign(small, step));
    const double f_u = f(u);

    if (f_u <= f_best) {
      (u < best ? b : a) = best;
      third = second, f_third = f_second;
      second = best, f_second = f_best;
      best = u, f_best = f_u;
      continue;
    }
    (u < best ? a : b) = u;
    if (f_u <= f_second || second == best) {
      third = second, f_third = f_second;
      second = u, f_second = f_u;
    } else if (f_u <= f_third || third == best || third == second) {
      third = u, f_third = f_u;
    }
  }
}

// (x^lambda - 1) / lambda from log(x), without the cancellation near lambda = 0.
double BoxCoxOfLog(double log_x, double lambda) { return std::expm1(lambda * log_x) / lambda; }

// x: n positive values; overwritten by their logarithms.
LocalScale FitBoxCox(double* x, int64_t n) {
  // Without spread every lambda fits alike; 1 keeps the values as they are, less 1.
  if (std::all_of(x, x + n, [x](double v) { return v == x[0]; })) return {};
  double log_sum = 0.0;
  for (int64_t i = 0; i < n; ++i) {
    x[i] = std::log(x[i]);
    log_sum += x[i];
  }
  const double count = static_cast<double>(n);
  // The negative log-likelihood of a normal distribution after the transformation, per value.
  const auto loss = [&](double lambda) {
    const double origin = BoxCoxOfLog(x[0], lambda);
    double sum = 0.0, squares = 0.0;
    for (int64_t i = 0; i < n; ++i) {
      const double d = BoxCoxOfLog(x[i], lambda) - origin;
      sum += d;
      squares += d * d;
    }
    const double mean = sum / count;
    return 0.5 * std::log(squares / count - mean * mean) - (lambda - 1.0) * log_sum / count;
  };
  return {0.0, 1.0, MinimizeBrent(loss, 0.0, 2.0)};
}

[[noreturn]] void FailNotPositive(const char* what, double value) {
  Fail(ErrorCode::kOutOfRange, "localScalerType 'boxcox' needs values above 0, but " +
                                   std::string(what) + " holds " + std::to_string(value) +
                                   ": use 'standard', 'robust', 'robust-iqr' or 'minmax', or shift "
                                   "the data above 0");
}

// A spread that is only the rounding of equal values counts as none.
double UsableScale(double scale, double largest) {
  return scale > largest * std::numeric_limits<double>::epsilon() ? scale : 1.0;
}

}  // namespace

LocalScalerType ParseLocalScaler(std::string_view name) {
  if (name.empty()) return LocalScalerType::kNone;
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  if (it != kNames.end()) return static_cast<LocalScalerType>(it - kNames.begin() + 1);
  std::string message = "localScalerType '" + std::string(name) + "' is unknown: use one of";
  for (std::string_view known : kNames) message += " '" + std::string(known) + "'";
  Fail(ErrorCode::kOutOfRange, message + ", or leave it out");
}

std::span<const std::string_view> LocalScalerNames() { return kNames; }

LocalScale FitLocal(LocalScalerType type, const double* x, const uint8_t* mask, int64_t n,
                    double* scratch, const char* what) {
  if (type == LocalScalerType::kNone) return {};
  int64_t count = 0;
  double largest = 0.0;
  for (int64_t i = 0; i < n; ++i) {
    if (mask != nullptr && mask[i] == 0) continue;
    if (type == LocalScalerType::kBoxCox && !(x[i] > 0.0)) FailNotPositive(what, x[i]);
    largest = std::max(largest, std::abs(x[i]));
    scratch[count++] = x[i];
  }
  if (count == 0) return {};
  LocalScale s;
  switch (type) {
    case LocalScalerType::kNone:
      break;
    case LocalScalerType::kStandard:
      s = FitStandard(scratch, count);
      break;
    case LocalScalerType::kRobust:
      s = FitRobustMad(scratch, count);
      break;
    case LocalScalerType::kRobustIqr:
      s = FitRobustIqr(scratch, count);
      break;
    case LocalScalerType::kMinMax:
      s = FitMinMax(scratch, count);
      break;
    case LocalScalerType::kBoxCox:
      return FitBoxCox(scratch, count);
  }
  s.scale = UsableScale(s.scale, largest);
  return s;
}

double ApplyLocal(LocalScalerType type, const LocalScale& s, double x) {
  if (type == LocalScalerType::kNone) return x;
  if (type != LocalScalerType::kBoxCox) return (x - s.loc) / s.scale;
  // Values at or below 0 only reach here from beyond the fitted history; the power keeps the sign,
  // so that the curve stays monotone and defined.
  if (x > 0.0) return BoxCoxOfLog(std::log(x), s.lambda);
  return (-std::pow(-x, s.lambda) - 1.0) / s.lambda;
}

double InvertLocal(LocalScalerType type, const LocalScale& s, double z) {
  if (type == LocalScalerType::kNone) return z;
  if (type != LocalScalerType::kBoxCox) return z * s.scale + s.loc;
  const double power = s.lambda * z;  // x^lambda - 1
  if (power > -1.0) return std::exp(std::log1p(power) / s.lambda);
  return -std::pow(-(power + 1.0), 1.0 / s.lambda);
}

namespace {

// Scales one series of one column in place.
LocalScale ScaleSeries(LocalScalerType type, const Panel& panel, int64_t series,
                       const std::string& what, std::span<double> values, std::span<double> scratch,
                       Column& column) {
  const int64_t begin = panel.offsets[series], length = panel.length(series);
  const uint8_t* mask = panel.mask.empty() ? nullptr : panel.mask.data() + begin;
  column.Read(begin, values.first(length));
  const LocalScale s = FitLocal(type, values.data(), mask, length, scratch.data(), what.c_str());
  for (int64_t i = 0; i < length; ++i) {
    column.Write(begin + i, ApplyLocal(type, s, values[i]));
  }
  return s;
}

}  // namespace

PanelScales ScalePanel(LocalScalerType type, Panel& panel, std::span<const std::string> ids) {
  PanelScales scales;
  scales.y.resize(panel.num_series());
  scales.future.assign(panel.future.size(), std::vector<LocalScale>(panel.num_series()));
  if (type == LocalScalerType::kNone) return scales;
  int64_t longest = 0;
  for (int64_t s = 0; s < panel.num_series(); ++s) longest = std::max(longest, panel.length(s));
  std::vector<double> buffer(2 * longest);
  const std::span<double> values(buffer.data(), longest), scratch(buffer.data() + longest, longest);
  const auto scale = [&](Column& column, const std::string& name, int64_t s) {
    return ScaleSeries(type, panel, s, SeriesName(ids, s) + ", " + name, values, scratch, column);
  };
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    ThrowIfStopped();
    scales.y[s] = scale(panel.y, "y", s);
    for (size_t c = 0; c < panel.historic.size(); ++c) {
      scale(panel.historic[c], "'" + panel.historic_names[c] + "'", s);
    }
    for (size_t c = 0; c < panel.future.size(); ++c) {
      scales.future[c][s] = scale(panel.future[c], "'" + panel.future_names[c] + "'", s);
    }
  }
  return scales;
}

}  // namespace nf
