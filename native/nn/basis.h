// Fixed bases along time: what N-BEATS and N-HiTS project their coefficients with. Each is as large
// as one output needs it, however many there are.
#ifndef NF_NN_BASIS_H_
#define NF_NN_BASIS_H_

#include <string>
#include <vector>

#include "graph/const_matrix.h"
#include "graph/recorder.h"

namespace nf {

// Bases [functions, length]: row p is basis function p over time.

// N-BEATS' trend stack (Oreshkin et al., 2020). `degree` + 1 functions over t in [0, 1)
// ("polynomial": t^p),
// [-1, 1] ("legendre", "chebyshev") or [0, 1] ("changepoint", "piecewise_linear", "linear_hat",
// "spline": clamped cubic B-splines, degree >= 3).
extern const std::vector<std::string> kTrendBases;
ConstMatrix TrendBasis(const std::string& kind, int64_t degree, int64_t length);

// N-BEATS' seasonality stack: cosines, then sines, of frequencies 0 and harmonics/harmonics ...
// < horizon/2, over t/horizon; sign -1 runs backwards in time (the backcast).
ConstMatrix SeasonalityBasis(int64_t harmonics, int64_t horizon, int64_t length, double sign);

// N-HiTS' interpolation of `knots` values to `length` (Challu et al., 2023), as torch's
// F.interpolate does it with align_corners = False: "linear", "nearest" or "cubic". For
// Interpolate, since a step has four neighbours at most: as a basis it would be knots *
// length values, nearly all of them 0.
ConstMatrix InterpolationTaps(const std::string& mode, int64_t knots, int64_t length);

// Coefficients [P, Q] of a basis [P, T] -> [T, Q].
Tensor ApplyPerOutput(Recorder& g, Tensor coefficients, const ConstMatrix& basis);

}  // namespace nf

#endif  // NF_NN_BASIS_H_
