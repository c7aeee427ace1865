// Normalisation over the rows of a batch (Ioffe and Szegedy, 2015).
#ifndef NF_OPS_BATCH_NORM_H_
#define NF_OPS_BATCH_NORM_H_

#include "graph/recorder.h"

namespace nf {

// x [..., C], the others [C]: each channel over all rows and whatever stands before it, as torch's
// nn.BatchNorm1d has it. Every row of a batch counts. Training normalises by the batch and moves
// `mean` and `variance` (fresh: 0 and 1) towards what it was there, inference normalises by these.
Tensor BatchNorm(Recorder& g, Tensor x, Weight gamma, Weight beta, State mean, State variance,
                 double momentum = 0.1, double epsilon = 1e-5);

}  // namespace nf

#endif  // NF_OPS_BATCH_NORM_H_
