// The posterior of Prophet (Taylor and Letham, 2018) and its mode.
#ifndef NF_LOCAL_PROPHET_FIT_H_
#define NF_LOCAL_PROPHET_FIT_H_

#include <Eigen/Dense>

#include "local/prophet/design.h"

namespace nf {

// A series scaled for the fit.
struct ProphetProblem {
  enum class Growth { kLinear, kLogistic, kFlat } growth = Growth::kLinear;
  Eigen::VectorXd t, y;              // [n], ascending; y within about [-1, 1]
  Eigen::VectorXd cap;               // [n], logistic growth only
  Eigen::VectorXd changes;           // [S], S >= 1
  Eigen::MatrixXd X;                 // [n, K]
  Eigen::VectorXd prior_scale;       // [K]
  std::vector<char> multiplicative;  // [K]
  double change_scale = 0.05;        // of the Laplace prior

  Eigen::Index size() const { return 2 + changes.size() + X.cols(); }
};

struct ProphetSolution {
  Eigen::VectorXd theta;  // k, m, delta [S], beta [K]
  double sigma = 1.0;
  double loss = 0.0;   // negative logarithm of the posterior, without constants
  int iterations = 0;  // linearisations of the model
  // J'J of the last of them, its lower triangle: what the rows say about theta (logistic growth: of
  // the offset -k m instead of m). Empty where nothing was solved.
  Eigen::MatrixXd gram;
};

// The negative logarithm of the posterior (densities on sigma itself, constants dropped):
//   n log sigma + |y - yhat|^2 / (2 sigma^2) + 2 sigma^2
//     + (k^2 + m^2) / 50 + sum |delta| / change_scale + sum beta^2 / (2 prior_scale^2).
double ProphetLoss(const ProphetProblem& problem, const Eigen::VectorXd& theta, double sigma);

// Its mode, from growth through the first and the last row, as the library begins. Each step makes
// the model linear, and solves what is then a lasso with a free noise scale exactly, on the Gram
// matrix: a linear additive model is done after one step, whatever the number of rows. Other models
// take damped Gauss-Newton steps. Throws kAborted.
ProphetSolution SolveProphet(const ProphetProblem& problem, const JobControl& control);

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_FIT_H_
