// Where the values of a window lie and how far they spread: what RevIN (Kim et al., 2022) takes off
// a window and gives back to its forecast.
#ifndef NF_OPS_MOMENTS_H_
#define NF_OPS_MOMENTS_H_

#include "graph/recorder.h"

namespace nf {

enum class Centre { kMean, kLast };

// x [time, C] or [time] -> [2, C]: of each channel its mean or last value, and the square root of
// its variance (biased, about the mean) plus epsilon.
Tensor Moments(Recorder& g, Tensor x, Centre centre, double epsilon = 1e-5);

}  // namespace nf

#endif  // NF_OPS_MOMENTS_H_
