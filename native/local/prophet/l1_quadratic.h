// Least of a quadratic with an L1 penalty on some coordinates, from its matrix alone.
#ifndef NF_LOCAL_PROPHET_L1_QUADRATIC_H_
#define NF_LOCAL_PROPHET_L1_QUADRATIC_H_

#include <Eigen/Dense>

namespace nf {

// Moves x to the least of 0.5 x'Hx - c'x + penalty * sum |x_j|, j in [begin, end), H symmetric
// positive definite (both triangles filled), by an active set of coordinates with known signs
// (feature-sign search: Lee, Battle, Raina and Ng, 2007). Exact after finitely many steps, each a
// Cholesky factorisation of the active part; a start near the end takes one or two. x: where to
// begin; its zeros within [begin, end) are the inactive ones.
//
// Why not L-BFGS, as Stan has it: |x| has a kink where most changes of a trend end up, and the
// ramps of neighbouring changepoints are nearly the same, so that L-BFGS stops thousands of steps
// later and a little off.
void MinimiseL1Quadratic(const Eigen::MatrixXd& H, const Eigen::VectorXd& c, double penalty,
                         Eigen::Index begin, Eigen::Index end, Eigen::VectorXd& x);

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_L1_QUADRATIC_H_
