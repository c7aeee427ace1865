// The end of a training graph.
#ifndef NF_HEADS_LOSS_OP_H_
#define NF_HEADS_LOSS_OP_H_

#include "graph/recorder.h"
#include "heads/head.h"

namespace nf {

// The loss of a head over a model's raw outputs [h, N, P], whose sums go where OpContext::loss
// says. insample_y, insample_mask: [steps, N], of which `lookback` steps are the lookback. Records
// the inputs that the head reads; the head must outlive the graph.
Tensor RecordLoss(Recorder& g, const Head& head, Tensor raw, Tensor insample_y,
                  Tensor insample_mask, int64_t lookback, int64_t series);

}  // namespace nf

#endif  // NF_HEADS_LOSS_OP_H_
