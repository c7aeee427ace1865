// Patches of a series (Nie et al., 2023).
#ifndef NF_OPS_PATCHES_H_
#define NF_OPS_PATCHES_H_

#include "graph/recorder.h"

namespace nf {

// x [time], whose last value goes on for `padding` more steps -> [patches, length]: `length` steps
// from every multiple of `stride` on, as long as they last.
Tensor Patches(Recorder& g, Tensor x, int64_t length, int64_t stride, int64_t padding);

}  // namespace nf

#endif  // NF_OPS_PATCHES_H_
