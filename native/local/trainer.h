// Fits a local model to every series of a panel.
#ifndef NF_LOCAL_TRAINER_H_
#define NF_LOCAL_TRAINER_H_

#include "data/validation.h"
#include "local/local_model.h"
#include "parallel/executor.h"
#include "util/fit_report.h"

namespace nf {

struct LocalFitOptions : Validation {
  // The validation error of each series is divided by what it changes by from row to row.
  bool scale_by_series = true;
};

struct LocalFits {
  LocalParameters learned;
  FitReport report;
};

// A step is one series, series run in parallel; the loss of a step is what its fit made least, per
// row. Rows that are held out take no part; the validation loss, one at the end, is the mean
// absolute error of the forecasts of those rows (of a panel apart: of the last horizon of each
// series, forecast from the rest). There is nothing to check in between, to resume or to start warm
// from: a fit begins and ends alike each time. Throws what LocalModel::Fit does.
LocalFits FitLocal(const LocalModel& model, Executor& executor, const Panel& panel,
                   const LocalFitOptions& options, const JobControl& control);

}  // namespace nf

#endif  // NF_LOCAL_TRAINER_H_
