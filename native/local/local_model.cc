#include "local/local_model.h"

namespace nf {

void LocalModelConfig::VisitFields(FieldVisitor& v) {
  v.Visit("horizon", horizon,
          {.doc = "Steps to forecast.", .required = true, .min = 1, .max = 100000});
  v.Visit("inputSize", input_size,
          {.doc = "Length of the windows that predictBatch fits, one by one; 0: no predictBatch. "
                  "fit() and predict() take whole series.",
           .min = 0,
           .max = 1000000});
  v.Visit("futureExog", future_exog, {.doc = "Columns known ahead of time."});
  v.Visit("alias", alias, {.doc = "Name of the forecast's column; default: the model's name."});
  v.Visit("daysPerStep", days_per_step,
          {.doc = "Integer time (and predictBatch): days that one step stands for; 1 / 24 for "
                  "hourly rows.",
           .min = 0,
           .max = 1e6,
           .min_exclusive = true});
}

}  // namespace nf
