// What a training that diverged can say of its data.
#ifndef NF_TRAIN_DIVERGENCE_H_
#define NF_TRAIN_DIVERGENCE_H_

#include <span>
#include <string>

#include "engine/batch_source.h"
#include "graph/graph.h"

namespace nf {

// "largest value of the batch, as scaled: 1e+12, in series 'BTC'": over y and the exogenous columns
// of the rows of `source`, which are `windows`. ids may be empty.
std::string DescribeLargest(const WindowSource& source, std::span<const Frame> windows,
                            const Graph& graph, std::span<const std::string> ids);

}  // namespace nf

#endif  // NF_TRAIN_DIVERGENCE_H_
