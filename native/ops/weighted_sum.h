// Several tensors as one, each by its weight.
#ifndef NF_OPS_WEIGHTED_SUM_H_
#define NF_OPS_WEIGHTED_SUM_H_

#include <vector>

#include "graph/recorder.h"

namespace nf {

// At each time the sum of the xs [time, C], as many as weights [time, count] has columns, times
// their weights -> [time, C].
Tensor WeightedSum(Recorder& g, Tensor weights, const std::vector<Tensor>& xs);

}  // namespace nf

#endif  // NF_OPS_WEIGHTED_SUM_H_
