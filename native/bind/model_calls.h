// The calls of class Model that compute: their arguments read, run here or as a job.
#ifndef NF_BIND_MODEL_CALLS_H_
#define NF_BIND_MODEL_CALLS_H_

#include <napi.h>

#include <memory>

#include "bind/jobs.h"
#include "bind/model.h"

namespace nf::bind {

using CorePtr = std::shared_ptr<ModelCore>;

// Each checks its arguments and copies its inputs before it returns.
std::shared_ptr<Job> MakeFitJob(Napi::Env env, CorePtr core, Napi::Value panel, Napi::Value options,
                                Napi::Value on_progress);
std::shared_ptr<Job> MakePredictJob(Napi::Env env, CorePtr core, Napi::Value options);
std::shared_ptr<Job> MakePredictBatchJob(Napi::Env env, CorePtr core, Napi::Value options);

// On the calling thread, reading inputs and writing outputs in place.
void PredictHere(ModelCore& core, Napi::Value options);
void PredictBatchHere(ModelCore& core, Napi::Value options);

}  // namespace nf::bind

#endif  // NF_BIND_MODEL_CALLS_H_
