#include "local/trainer.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>

#include "data/series_scale.h"
#include "local/rows.h"

namespace nf {
namespace {

using Clock = std::chrono::steady_clock;

class LocalTraining {
 public:
  LocalTraining(const LocalModel& model, Executor& executor, const LocalFitOptions& options,
                const JobControl& control)
      : model_(model), executor_(executor), options_(options), control_(control) {}

  LocalFits Run(const Panel& panel) {
    const Clock::time_point start = Clock::now();
    total_ = panel.num_series();
    const std::vector<LocalFit> fits = FitAll(panel, options_.validation_size, start);
    LocalFits result;
    FitReport& report = result.report;
    report.best_valid_loss = std::numeric_limits<double>::quiet_NaN();
    if (options_.validation_panel != nullptr) {
      const Panel& apart = *options_.validation_panel;
      const int64_t horizon = model_.config().horizon;
      report.best_valid_loss = ErrorOf(apart, FitAll(apart, horizon, {}), horizon);
    } else if (options_.validation_size > 0) {
      report.best_valid_loss = ErrorOf(panel, fits, options_.validation_size);
    }
    if (!std::isnan(report.best_valid_loss))
      report.valid_loss.emplace_back(total_, report.best_valid_loss);
    report.model = model_.alias;
    report.steps = total_;
    LocalParameters& learned = result.learned;
    for (const LocalFit& fit : fits) {
      report.train_loss.push_back(fit.loss);
      learned.values.insert(learned.values.end(), fit.parameters.begin(), fit.parameters.end());
      learned.offsets.push_back(static_cast<int64_t>(learned.values.size()));
    }
    report.warnings = Warnings(fits);
    report.seconds = Seconds(start);
    report.samples_per_second =
        report.seconds > 0 ? static_cast<double>(total_) / report.seconds : 0.0;
    return result;
  }

 private:
  static double Seconds(Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  }

  // Of the first that have any: thousands of series may have the same.
  static std::vector<std::string> Warnings(const std::vector<LocalFit>& fits) {
    constexpr size_t kMost = 20;
    std::vector<std::string> all;
    size_t more = 0;
    for (const LocalFit& fit : fits) {
      for (const std::string& warning : fit.warnings) {
        if (all.size() < kMost)
          all.push_back(warning);
        else
          ++more;
      }
    }
    if (more > 0) all.push_back("and " + std::to_string(more) + " more like these");
    return all;
  }

  SeriesRows Rows(const Panel& panel, int64_t series, int64_t begin, int64_t end) const {
    const bool apart = &panel == options_.validation_panel;
    const auto& names = apart ? options_.validation_names : options_.series_names;
    return SeriesRows(panel, model_.config(), series, begin, end, /*observed=*/true,
                      model_.alias + ": " + SeriesName(names, series));
  }

  // Without the last `holdout` rows of each series. Progress is shown with a start.
  std::vector<LocalFit> FitAll(const Panel& panel, int64_t holdout, Clock::time_point start) {
    std::vector<LocalFit> fits(static_cast<size_t>(panel.num_series()));
    executor_.ParallelFor(panel.num_series(), [&](int64_t s, int) {
      control_.ThrowIfCancelled();
      const SeriesRows rows = Rows(panel, s, 0, std::max<int64_t>(0, panel.length(s) - holdout));
      LocalFit& fit = fits[static_cast<size_t>(s)];
      fit = model_.Fit(rows.rows(), rows.y(), control_);
      if (start != Clock::time_point{}) Report(fit.loss, start);
    });
    return fits;
  }

  // Series end on several threads; the caller hears of them one by one.
  void Report(double loss, Clock::time_point start) {
    if (!control_.on_progress) return;
    std::lock_guard lock(mutex_);
    Progress p;
    p.step = ++done_;
    p.max_steps = total_;
    p.train_loss = loss;
    p.valid_loss = std::numeric_limits<double>::quiet_NaN();
    p.seconds = Seconds(start);
    control_.on_progress(p);
  }

  // Mean absolute error of the point forecasts of the observed ones of the last `holdout` rows.
  double ErrorOf(const Panel& panel, const std::vector<LocalFit>& fits, int64_t holdout) {
    const LocalOutput point;
    const std::vector<double> scales =
        options_.scale_by_series
            ? SeriesScales(panel, holdout)
            : std::vector<double>(static_cast<size_t>(panel.num_series()), 1.0);
    double sum = 0;
    int64_t count = 0;
    for (int64_t s = 0; s < panel.num_series(); ++s) {
      const int64_t length = panel.length(s);
      const SeriesRows rows = Rows(panel, s, std::max<int64_t>(0, length - holdout), length);
      std::vector<double> values(rows.y().size());
      std::span<double> out(values);
      model_.Forecast(fits[static_cast<size_t>(s)].parameters, rows.rows(),
                      {.outputs = {&point, 1}, .out = {&out, 1}, .control = &control_});
      for (size_t i = 0; i < values.size(); ++i)
        sum += std::abs(values[i] - rows.y()[i]) / scales[static_cast<size_t>(s)];
      count += static_cast<int64_t>(values.size());
    }
    return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
  }

  const LocalModel& model_;
  Executor& executor_;
  const LocalFitOptions& options_;
  const JobControl& control_;
  int64_t total_ = 0;
  std::mutex mutex_;
  int64_t done_ = 0;
};

}  // namespace

LocalFits FitLocal(const LocalModel& model, Executor& executor, const Panel& panel,
                   const LocalFitOptions& options, const JobControl& control) {
  return LocalTraining(model, executor, options, control).Run(panel);
}

}  // namespace nf
