#include "local/prophet/fit.h"

#include <algorithm>
#include <cmath>

#include "local/prophet/l1_quadratic.h"
#include "local/prophet/posterior.h"
#include "util/error.h"

namespace nf {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kLeastSigma = 1e-9;

// The best sigma^2 where the sum of squared residuals is `squares`: the positive root of the
// derivative of n log sigma + squares / (2 sigma^2) + 2 sigma^2.
double BestVariance(double n, double squares) {
  const double v = 2.0 * squares / (n + std::sqrt(n * n + 16.0 * squares));
  return std::max(v, kLeastSigma * kLeastSigma);
}

double NoiseLoss(double n, double squares, double variance) {
  return 0.5 * n * std::log(variance) + 0.5 * squares / variance + 2.0 * variance;
}

// The posterior with the model made linear at a point, as a function of squares and products.
struct Linearised {
  MatrixXd gram;       // J'J
  VectorXd slope;      // J'r
  double squares;      // r'r
  double damping = 0;  // of Levenberg and Marquardt: that share is added to the diagonal

  double SquaresAt(const VectorXd& step) const {
    const double s =
        squares - 2.0 * slope.dot(step) + step.dot(gram.selfadjointView<Eigen::Lower>() * step);
    return std::max(s, 0.0);
  }
};

// The mode of a linearised posterior: the noise scale and the lasso in turn; `variance` is where to
// begin, and what was found. From a large noise scale downwards, of several modes the one with the
// stiffest trend is found.
VectorXd SolveLinearised(const ProphetPosterior& posterior, const Linearised& model,
                         const VectorXd& from, double& variance) {
  const int most = posterior.linear() ? 500 : 30;  // else it is made linear anew anyway
  const double n = posterior.rows();
  const MatrixXd full = model.gram.selfadjointView<Eigen::Lower>();
  const VectorXd diagonal = model.damping * full.diagonal();
  const VectorXd reached = full * from + diagonal.cwiseProduct(from) + model.slope;
  VectorXd x = from, c;
  MatrixXd H;
  double loss = std::numeric_limits<double>::infinity();
  for (int i = 0; i < most; ++i) {
    H = full / variance;
    H.diagonal() += diagonal / variance;
    c = reached / variance;
    posterior.AddPriors(from, H, c);
    MinimiseL1Quadratic(H, c, posterior.change_penalty(), posterior.changes_begin(),
                        posterior.changes_end(), x);
    const double squares = model.SquaresAt(x - from);
    variance = BestVariance(n, squares);
    const double now = NoiseLoss(n, squares, variance) + posterior.SearchLoss(x);
    if (!(loss - now > 1e-9 * (1.0 + 1e-3 * std::abs(now)))) break;
    loss = now;
  }
  return x;
}

class Descent {
 public:
  Descent(const ProphetPosterior& posterior, const JobControl& control)
      : posterior_(posterior), control_(control), x_(posterior_.Start()) {}

  // From a noise scale on: NaN: the best one where it begins.
  ProphetSolution Run(double variance) {
    constexpr int kMost = 100;
    posterior_.Evaluate(x_, residual_, nullptr);
    if (std::isnan(variance)) variance = BestVariance(posterior_.rows(), residual_.squaredNorm());
    double loss = Loss(x_, residual_);
    int iterations = 0;
    while (iterations < kMost) {
      control_.ThrowIfCancelled();
      ++iterations;
      Linearise();
      const double before = loss;
      while (!Step(variance, loss)) {
        model_.damping = model_.damping == 0 ? 1e-4 : 10 * model_.damping;
        if (model_.damping > 1e8) return Solution(iterations);
      }
      model_.damping = model_.damping < 1e-6 ? 0 : 0.1 * model_.damping;
      if (before - loss <= 1e-8 * (1.0 + 1e-3 * std::abs(loss))) break;
      // A series that the model passes through exactly has no mode: less noise is always better.
      if (variance <= 2 * kLeastSigma * kLeastSigma) break;
    }
    return Solution(iterations);
  }

 private:
  double Loss(const VectorXd& x, const VectorXd& residual) const {
    const double squares = residual.squaredNorm();
    return NoiseLoss(posterior_.rows(), squares, BestVariance(posterior_.rows(), squares)) +
           posterior_.SearchLoss(x);
  }

  void Linearise() {
    const bool known = posterior_.linear() && model_.gram.size() != 0;
    posterior_.Evaluate(x_, residual_, known ? nullptr : &jacobian_);
    if (!known) {
      model_.gram = MatrixXd::Zero(jacobian_.cols(), jacobian_.cols());
      model_.gram.selfadjointView<Eigen::Lower>().rankUpdate(jacobian_.transpose());
    }
    model_.slope.noalias() = jacobian_.transpose() * residual_;
    model_.squares = residual_.squaredNorm();
  }

  // Moves towards the mode of the linearised posterior, as far as the posterior itself falls;
  // false: it does not fall at all.
  bool Step(double& variance, double& loss) {
    double found = variance;
    const VectorXd goal = SolveLinearised(posterior_, model_, x_, found);
    if (!goal.allFinite()) return false;
    for (double share = 1.0; share > 1e-3; share *= 0.5) {
      const VectorXd candidate = x_ + share * (goal - x_);
      posterior_.Evaluate(candidate, residual_, nullptr);
      const double now = Loss(candidate, residual_);
      const bool arrived = std::abs(now - loss) <= 1e-10 * (1.0 + 1e-3 * std::abs(loss));
      if (!(now < loss || arrived)) continue;
      x_ = candidate;
      loss = now;
      variance = BestVariance(posterior_.rows(), residual_.squaredNorm());
      return true;
    }
    return false;
  }

  ProphetSolution Solution(int iterations) {
    ProphetSolution s;
    posterior_.Evaluate(x_, residual_, nullptr);
    const double squares = residual_.squaredNorm(),
                 variance = BestVariance(posterior_.rows(), squares);
    s.theta = posterior_.ThetaOf(x_);
    s.sigma = std::sqrt(variance);
    s.loss = NoiseLoss(posterior_.rows(), squares, variance) + posterior_.PriorLoss(s.theta);
    s.iterations = iterations;
    s.gram = std::move(model_.gram);
    return s;
  }

  const ProphetPosterior& posterior_;
  const JobControl& control_;
  VectorXd x_, residual_;
  MatrixXd jacobian_;
  Linearised model_;
};

}  // namespace

double ProphetLoss(const ProphetProblem& problem, const Eigen::VectorXd& theta, double sigma) {
  const ProphetPosterior posterior(problem);
  VectorXd residual;
  posterior.Evaluate(posterior.PointOf(theta), residual, nullptr);
  return NoiseLoss(posterior.rows(), residual.squaredNorm(), sigma * sigma) +
         posterior.PriorLoss(theta);
}

ProphetSolution SolveProphet(const ProphetProblem& problem, const JobControl& control) {
  const ProphetPosterior posterior(problem);
  ProphetSolution best = Descent(posterior, control).Run(1.0);  // where the library begins, too
  if (!posterior.logistic()) return best;
  ProphetSolution other = Descent(posterior, control).Run(std::numeric_limits<double>::quiet_NaN());
  return other.loss < best.loss ? other : best;
}

}  // namespace nf
