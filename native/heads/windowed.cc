// Losses that compare a window's errors with the window itself: MASE, relMSE, Tukey's, FreDF. They
// are sums of a kernel's points but for what each row's are divided by.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "heads/points.h"

namespace nf {
namespace {

// One output, unscaled.
class WindowedHead : public Head {
 public:
  int64_t width() const override { return 1; }
  void Values(const float* raw, int64_t steps, int64_t stride, ScalerType scaler, WindowScale scale,
              const Asked&, int64_t, const float*, double* out) const override {
    UnscaleSteps(scaler, scale, raw, steps, stride, 1, out);
  }

 protected:
  // Calls of(window) for each series of each row.
  struct Window {
    int64_t first;          // its step 0 among the points
    int64_t insample;       // and among those of the lookback
    int64_t steps, stride;  // of the horizon
  };
  template <class Of>
  static void EachWindow(const LossRows& rows, const Of& of) {
    for (int64_t r = 0; r < rows.rows; ++r) {
      for (int64_t n = 0; n < rows.series; ++n) {
        of(Window{r * rows.points + n, r * rows.steps * rows.series + n, rows.points / rows.series,
                  rows.series});
      }
    }
  }
};

// Mean absolute scaled error (Hyndman & Koehler, 2006), each row by its own scale: in training the
// reference divides each by those of all rows and adds up.
class MaseHead final : public WindowedHead {
 public:
  explicit MaseHead(const LossConfig& config) : season_(config.seasonality) {}
  LossPorts ports() const override { return {.insample = true}; }

  double Loss(const KernelTable& kernels, const LossRows& rows) const override {
    thread_local std::vector<float> weight;
    weight.resize(static_cast<size_t>(rows.rows * rows.points));
    EachWindow(rows, [&](const Window& w) {
      const double naive = NaiveError(rows, w.insample);
      // A lookback that stands still has no scale: as in the reference it does not count.
      const double factor = naive > 0 ? 1 / naive : 0;
      for (int64_t t = 0; t < w.steps; ++t) {
        const int64_t at = w.first + t * w.stride;
        weight[static_cast<size_t>(at)] =
            static_cast<float>(static_cast<double>(rows.weight[at]) * factor);
      }
    });
    LossArgs args = PointsOf(rows, LossKind::kMae);
    args.weight = weight.data();
    return kernels.loss.loss(args);
  }

 private:
  double NaiveError(const LossRows& rows, int64_t first) const {
    double sum = 0;
    int64_t count = 0;
    for (int64_t t = season_; t < rows.lookback; ++t) {
      const int64_t now = first + t * rows.series, before = now - season_ * rows.series;
      if (rows.insample_mask[now] == 0 || rows.insample_mask[before] == 0) continue;
      sum += std::abs(static_cast<double>(rows.insample[now]) -
                      static_cast<double>(rows.insample[before]));
      ++count;
    }
    return count > 0 ? sum / static_cast<double>(count) : 0;
  }

  const int64_t season_;
};

// Squared errors over those of repeating the last observed value (Hyndman & Koehler, 2006).
class RelMseHead final : public WindowedHead {
 public:
  LossPorts ports() const override { return {.insample = true}; }
  double Loss(const KernelTable& kernels, const LossRows& rows) const override {
    return kernels.loss.loss(PointsOf(rows, LossKind::kMse));
  }
  double Benchmark(const LossRows& rows) const override {
    double sum = 0;
    EachWindow(rows, [&](const Window& w) {
      int64_t last = w.insample + (rows.lookback - 1) * rows.series;
      while (last > w.insample && rows.insample_mask[last] == 0) last -= rows.series;
      for (int64_t t = 0; t < w.steps; ++t) {
        const int64_t at = w.first + t * w.stride;
        if (rows.weight[at] == 0) continue;
        const double e =
            static_cast<double>(rows.target[at]) - static_cast<double>(rows.insample[last]);
        sum += static_cast<double>(rows.weight[at]) * e * e;
      }
    });
    return sum;
  }
  bool has_factor() const override { return true; }
  Result Of(double sum, double benchmark, double weights) const override {
    // The reference adds 1e-5, which is more than all of it where y is a return. Nothing to compare
    // with: the squared error itself.
    const double divisor = benchmark > 0 ? benchmark : weights;
    return {sum / divisor, static_cast<float>(weights / divisor)};
  }
};

// Tukey's biweight (Beaton & Tukey, 1974): c^2 / 6 (1 - (1 - (e / c)^2)^3), and c^2 / 6 from c on.
// The reference has the first part without "1 -", so that its loss is largest where the error is 0,
// and normalises over the series of a row instead of over time.
class TukeyHead final : public WindowedHead {
 public:
  explicit TukeyHead(const LossConfig& config) : c_(config.c), normalize_(config.normalize) {}

  double Loss(const KernelTable&, const LossRows& rows) const override {
    double sum = 0;
    EachWindow(rows, [&](const Window& w) {
      // The reference adds 0.01, which is the deviation itself where y is a return.
      const double deviation = normalize_ ? Deviation(rows, w) : 1;
      const double unit = deviation > 0 ? deviation : 1;
      for (int64_t t = 0; t < w.steps; ++t) {
        const int64_t at = w.first + t * w.stride;
        const auto weight = static_cast<double>(rows.weight[at]);
        double slope = 0;
        if (weight != 0) {
          const double e =
              (static_cast<double>(rows.raw[at]) - static_cast<double>(rows.target[at])) / unit;
          const double z = e / c_, inner = 1 - z * z;
          const bool near = !(std::abs(z) > 1);  // NaN comes through
          sum += weight * c_ * c_ / 6 * (near ? 1 - inner * inner * inner : 1);
          slope = near ? weight * e * inner * inner / unit : 0;
        }
        if (rows.grad != nullptr)
          rows.grad[at] = static_cast<float>(slope * static_cast<double>(rows.grad_scale));
      }
    });
    return sum;
  }

 private:
  static double Deviation(const LossRows& rows, const Window& w) {
    double sum = 0, squares = 0, count = 0;
    const auto each = [&](const auto& of) {
      for (int64_t t = 0; t < w.steps; ++t) {
        const int64_t at = w.first + t * w.stride;
        if (rows.weight[at] != 0) of(static_cast<double>(rows.target[at]));
      }
    };
    each([&](double y) { sum += y, ++count; });
    if (count == 0) return 0;
    each([&](double y) { squares += (y - sum / count) * (y - sum / count); });
    return std::sqrt(squares / count);
  }

  const double c_;
  const bool normalize_;
};

// FreDF (Wang et al., 2025): (1 - alpha) times the squared error and alpha times the mean absolute
// error of the real Fourier transform over the horizon. A window counts as its weights do.
class FreDfHead final : public WindowedHead {
 public:
  explicit FreDfHead(const LossConfig& config) : alpha_(config.alpha) {}

  double Loss(const KernelTable& kernels, const LossRows& rows) const override {
    LossArgs args = PointsOf(rows, LossKind::kMse);
    args.grad_scale *= static_cast<float>(1 - alpha_);
    double sum = (1 - alpha_) * kernels.loss.loss(args);
    EachWindow(rows, [&](const Window& w) { sum += alpha_ * Frequencies(rows, w); });
    return sum;
  }

 private:
  double Frequencies(const LossRows& rows, const Window& w) const {
    const int64_t h = w.steps, count = h / 2 + 1;
    thread_local std::vector<double> cosine, sine, error, slope;
    if (std::ssize(cosine) != h) {
      cosine.resize(static_cast<size_t>(h)), sine.resize(static_cast<size_t>(h));
      for (int64_t t = 0; t < h; ++t) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(t) / static_cast<double>(h);
        cosine[static_cast<size_t>(t)] = std::cos(angle);
        sine[static_cast<size_t>(t)] = std::sin(angle);
      }
    }
    error.assign(static_cast<size_t>(h), 0), slope.assign(static_cast<size_t>(h), 0);
    double weights = 0;
    for (int64_t t = 0; t < h; ++t) {
      const int64_t at = w.first + t * w.stride;
      if (rows.weight[at] == 0) continue;
      weights += static_cast<double>(rows.weight[at]);
      error[static_cast<size_t>(t)] =
          static_cast<double>(rows.raw[at]) - static_cast<double>(rows.target[at]);
    }
    double sum = 0;
    for (int64_t f = 0; f < count; ++f) {
      double re = 0, im = 0;
      for (int64_t t = 0, k = 0; t < h; ++t, k = k + f < h ? k + f : k + f - h) {
        re += error[static_cast<size_t>(t)] * cosine[static_cast<size_t>(k)];
        im += error[static_cast<size_t>(t)] * sine[static_cast<size_t>(k)];
      }
      const double size = std::hypot(re, im);
      sum += size;
      if (rows.grad == nullptr || size == 0) continue;
      for (int64_t t = 0, k = 0; t < h; ++t, k = k + f < h ? k + f : k + f - h) {
        slope[static_cast<size_t>(t)] +=
            (re * cosine[static_cast<size_t>(k)] + im * sine[static_cast<size_t>(k)]) / size;
      }
    }
    const double share = weights / static_cast<double>(count);
    if (rows.grad != nullptr) {
      const double factor = alpha_ * share * static_cast<double>(rows.grad_scale);
      for (int64_t t = 0; t < h; ++t) {
        const int64_t at = w.first + t * w.stride;
        if (rows.weight[at] != 0)
          rows.grad[at] += static_cast<float>(factor * slope[static_cast<size_t>(t)]);
      }
    }
    return share * sum;
  }

  const double alpha_;
};

}  // namespace

std::unique_ptr<Head> MakeMaseHead(const LossConfig& config) {
  return std::make_unique<MaseHead>(config);
}
std::unique_ptr<Head> MakeRelMseHead(const LossConfig&) { return std::make_unique<RelMseHead>(); }
std::unique_ptr<Head> MakeTukeyHead(const LossConfig& config) {
  return std::make_unique<TukeyHead>(config);
}
std::unique_ptr<Head> MakeFreDfHead(const LossConfig& config) {
  return std::make_unique<FreDfHead>(config);
}

}  // namespace nf
