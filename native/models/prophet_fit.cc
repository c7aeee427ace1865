#include "models/prophet_fit.h"

#include <algorithm>
#include <cmath>

#include "models/l1_quadratic.h"
#include "util/error.h"

namespace nf {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kTrendScale = 5.0;  // of the normal priors of k and m
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

class Posterior {
 public:
  explicit Posterior(const ProphetProblem& p)
      : p_(p),
        S_(p.changes.size()),
        K_(p.X.cols()),
        mixed_(std::find(p.multiplicative.begin(), p.multiplicative.end(), 1) !=
               p.multiplicative.end()) {}

  double rows() const { return static_cast<double>(p_.y.size()); }
  // Its residuals are a linear function of theta.
  bool linear() const { return p_.growth != ProphetProblem::Growth::kLogistic && !mixed_; }

  // Residuals and, with `jacobian`, the derivative of the forecast [n, P].
  void Evaluate(const VectorXd& theta, VectorXd& residual, MatrixXd* jacobian) const {
    const VectorXd u = Growth(theta);
    VectorXd trend = u, slope = VectorXd::Ones(u.size());  // and d trend / d u
    if (p_.growth == ProphetProblem::Growth::kLogistic) {
      const Eigen::ArrayXd p = (1.0 + (-u.array()).exp()).inverse();
      trend = p_.cap.array() * p;
      slope = p_.cap.array() * p * (1.0 - p);
    }
    VectorXd factor = VectorXd::Ones(u.size()), added = VectorXd::Zero(u.size());
    const auto beta = theta.tail(K_);
    if (mixed_) {
      for (Index j = 0; j < K_; ++j)
        (Multiplies(j) ? factor : added).noalias() += beta[j] * p_.X.col(j);
    } else {
      added.noalias() = p_.X * beta;
    }
    residual = p_.y - trend.cwiseProduct(factor) - added;
    if (jacobian == nullptr) return;
    GrowthJacobian(theta, *jacobian);
    if (!linear()) {
      const VectorXd scale = slope.cwiseProduct(factor);
      jacobian->leftCols(2 + S_).array().colwise() *= scale.array();
    }
    auto columns = jacobian->rightCols(K_);
    for (Index j = 0; j < K_; ++j) {
      if (Multiplies(j))
        columns.col(j) = trend.cwiseProduct(p_.X.col(j));
      else
        columns.col(j) = p_.X.col(j);
    }
  }

  double PriorLoss(const VectorXd& theta) const {
    return 0.5 * theta.head(2).squaredNorm() / (kTrendScale * kTrendScale) +
           theta.segment(2, S_).lpNorm<1>() / p_.change_scale +
           0.5 * theta.tail(K_).cwiseQuotient(p_.prior_scale).squaredNorm();
  }

  // Inverse variances of the normal priors; 0 for the changes.
  VectorXd PriorPrecision() const {
    VectorXd precision = VectorXd::Zero(p_.size());
    precision.head(2).setConstant(1.0 / (kTrendScale * kTrendScale));
    precision.tail(K_) = p_.prior_scale.array().square().inverse();
    return precision;
  }

  double change_penalty() const { return 1.0 / p_.change_scale; }
  Index changes_begin() const { return 2; }
  Index changes_end() const { return 2 + S_; }

  VectorXd Start() const;

 private:
  bool Multiplies(Index j) const { return p_.multiplicative[static_cast<size_t>(j)] != 0; }

  // [n]: k t + m for linear growth and k (t - m) for logistic, bent by delta at each change. The
  // offsets that keep a logistic trend continuous are the same thing: its exponent is one
  // continuous piecewise linear function, so that they need not be computed.
  VectorXd Growth(const VectorXd& theta) const {
    const double k = theta[0], m = theta[1];
    if (p_.growth == ProphetProblem::Growth::kFlat) return VectorXd::Constant(p_.t.size(), m);
    double rate = k, offset = p_.growth == ProphetProblem::Growth::kLogistic ? -k * m : m;
    VectorXd u(p_.t.size());
    Index next = 0;
    for (Index i = 0; i < u.size(); ++i) {
      for (; next < S_ && p_.changes[next] <= p_.t[i]; ++next) {
        rate += theta[2 + next];
        offset -= theta[2 + next] * p_.changes[next];
      }
      u[i] = rate * p_.t[i] + offset;
    }
    return u;
  }

  void GrowthJacobian(const VectorXd& theta, MatrixXd& jacobian) const {
    jacobian.resize(p_.t.size(), p_.size());
    auto columns = jacobian.leftCols(2 + S_);
    if (p_.growth == ProphetProblem::Growth::kFlat) {
      columns.setZero();
      columns.col(1).setOnes();
      return;
    }
    if (p_.growth == ProphetProblem::Growth::kLogistic) {
      columns.col(0) = p_.t.array() - theta[1];
      columns.col(1).setConstant(-theta[0]);
    } else {
      columns.col(0) = p_.t;
      columns.col(1).setOnes();
    }
    for (Index j = 0; j < S_; ++j)
      columns.col(2 + j) = (p_.t.array() - p_.changes[j]).cwiseMax(0.0);
  }

  const ProphetProblem& p_;
  const Index S_, K_;
  const bool mixed_;
};

VectorXd Posterior::Start() const {
  VectorXd theta = VectorXd::Zero(p_.size());
  const Index last = p_.t.size() - 1;
  const double T = p_.t[last] - p_.t[0];
  if (p_.growth == ProphetProblem::Growth::kFlat) {
    theta[1] = p_.y.mean();
  } else if (p_.growth == ProphetProblem::Growth::kLinear) {
    theta[0] = (p_.y[last] - p_.y[0]) / T;
    theta[1] = p_.y[0] - theta[0] * p_.t[0];
  } else {
    const auto ratio = [&](Index i) {
      const double cap = p_.cap[i];
      return cap / std::clamp(p_.y[i], 0.01 * cap, 0.99 * cap);
    };
    double first = ratio(0);
    const double second = ratio(last);
    if (std::abs(first - second) <= 0.01) first *= 1.05;
    const double l0 = std::log(first - 1.0), l1 = std::log(second - 1.0);
    theta[0] = (l0 - l1) / T;
    theta[1] = l0 * T / (l0 - l1);
  }
  return theta;
}

// The posterior with the model made linear at `theta`, as a function of squares and products.
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

// The mode of a linearised posterior: the noise scale and the lasso in turn. From a large noise
// scale downwards, so that of several modes the one with the stiffest trend is found; `variance` is
// where to begin, and what was found.
VectorXd SolveLinearised(const Posterior& posterior, const Linearised& model, const VectorXd& theta,
                         double& variance) {
  const int most = posterior.linear() ? 500 : 30;  // else it is made linear anew anyway
  const double n = posterior.rows();
  const VectorXd precision = posterior.PriorPrecision();
  const MatrixXd full = model.gram.selfadjointView<Eigen::Lower>();
  const VectorXd diagonal = model.damping * full.diagonal();
  VectorXd reached = full * theta + diagonal.cwiseProduct(theta) + model.slope;
  VectorXd x = theta;
  MatrixXd H;
  double loss = std::numeric_limits<double>::infinity();
  for (int i = 0; i < most; ++i) {
    H = full / variance;
    H.diagonal() += precision + diagonal / variance;
    MinimiseL1Quadratic(H, reached / variance, posterior.change_penalty(),
                        posterior.changes_begin(), posterior.changes_end(), x);
    const double squares = model.SquaresAt(x - theta);
    variance = BestVariance(n, squares);
    const double now = NoiseLoss(n, squares, variance) + posterior.PriorLoss(x);
    if (!(loss - now > 1e-9 * (1.0 + 1e-3 * std::abs(now)))) break;
    loss = now;
  }
  return x;
}

class Descent {
 public:
  Descent(const ProphetProblem& problem, const JobControl& control)
      : posterior_(problem), control_(control), theta_(posterior_.Start()) {}

  ProphetSolution Run() {
    constexpr int kMost = 100;
    double variance = 1.0;  // where the library begins, too
    posterior_.Evaluate(theta_, residual_, nullptr);
    double loss = Loss(theta_, residual_);
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
  double Loss(const VectorXd& theta, const VectorXd& residual) const {
    const double squares = residual.squaredNorm();
    return NoiseLoss(posterior_.rows(), squares, BestVariance(posterior_.rows(), squares)) +
           posterior_.PriorLoss(theta);
  }

  void Linearise() {
    const bool known = posterior_.linear() && model_.gram.size() != 0;
    posterior_.Evaluate(theta_, residual_, known ? nullptr : &jacobian_);
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
    const VectorXd goal = SolveLinearised(posterior_, model_, theta_, found);
    if (!goal.allFinite()) return false;
    for (double share = 1.0; share > 1e-3; share *= 0.5) {
      const VectorXd candidate = theta_ + share * (goal - theta_);
      posterior_.Evaluate(candidate, residual_, nullptr);
      const double now = Loss(candidate, residual_);
      const bool arrived = std::abs(now - loss) <= 1e-10 * (1.0 + 1e-3 * std::abs(loss));
      if (!(now < loss || arrived)) continue;
      theta_ = candidate;
      loss = now;
      variance = BestVariance(posterior_.rows(), residual_.squaredNorm());
      return true;
    }
    return false;
  }

  ProphetSolution Solution(int iterations) {
    ProphetSolution s;
    posterior_.Evaluate(theta_, residual_, nullptr);
    s.theta = theta_;
    s.sigma = std::sqrt(BestVariance(posterior_.rows(), residual_.squaredNorm()));
    s.loss = Loss(theta_, residual_);
    s.iterations = iterations;
    return s;
  }

  const Posterior posterior_;
  const JobControl& control_;
  VectorXd theta_, residual_;
  MatrixXd jacobian_;
  Linearised model_;
};

}  // namespace

double ProphetLoss(const ProphetProblem& problem, const Eigen::VectorXd& theta, double sigma) {
  const Posterior posterior(problem);
  VectorXd residual;
  posterior.Evaluate(theta, residual, nullptr);
  return NoiseLoss(posterior.rows(), residual.squaredNorm(), sigma * sigma) +
         posterior.PriorLoss(theta);
}

ProphetSolution SolveProphet(const ProphetProblem& problem, const JobControl& control) {
  return Descent(problem, control).Run();
}

}  // namespace nf
