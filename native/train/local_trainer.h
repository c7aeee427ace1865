// Fits a local model (models/local_model.h) to every series of a panel.
#ifndef NF_TRAIN_LOCAL_TRAINER_H_
#define NF_TRAIN_LOCAL_TRAINER_H_

#include "train/trainer.h"

namespace nf {

// As Fit (train/trainer.h). A step is one series, series run in parallel; the loss of a step is
// what its fit made least, per row. Rows that are held out take no part; the validation loss, one
// at the end, is the mean absolute error of the forecasts of those rows (of a panel apart: of the
// last horizon of each series, forecast from the rest), scaled as valid_loss_scale says. There is
// nothing to check in between, to resume or to start warm from: a fit begins and ends alike each
// time.
FitReport FitLocal(Model& model, Engine& engine, const Panel& panel, const FitOptions& options,
                   const JobControl& control);

}  // namespace nf

#endif  // NF_TRAIN_LOCAL_TRAINER_H_
