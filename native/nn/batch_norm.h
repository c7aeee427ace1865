// Batch norm with torch's parameters.
#ifndef NF_NN_BATCH_NORM_H_
#define NF_NN_BATCH_NORM_H_

#include <string>

#include "ops/batch_norm.h"

namespace nf {

// torch's nn.BatchNorm1d over the channels of x [..., C]: "<name>.weight" (fresh: 1), "<name>.bias"
// (0) and the states "<name>.running_mean" (0) and "<name>.running_var" (1), all [C].
Tensor BatchNorm(Recorder& g, Tensor x, const std::string& name);

}  // namespace nf

#endif  // NF_NN_BATCH_NORM_H_
