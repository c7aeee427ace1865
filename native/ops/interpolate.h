// Interpolation along time.
#ifndef NF_OPS_INTERPOLATE_H_
#define NF_OPS_INTERPOLATE_H_

#include "graph/const_matrix.h"
#include "graph/recorder.h"

namespace nf {

// x [knots, channels] -> [taps.rows, channels]: each row of taps is the first knot that is read
// and the factors of that one and those behind it.
Tensor Interpolate(Recorder& g, Tensor x, const ConstMatrix& taps);

}  // namespace nf

#endif  // NF_OPS_INTERPOLATE_H_
