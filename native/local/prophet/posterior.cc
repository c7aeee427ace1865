#include "local/prophet/posterior.h"

#include <algorithm>
#include <cmath>

namespace nf {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kTrendPrecision = 1.0 / 25.0;  // of the normal priors of k and m
// The share of it that the search of a linear or flat trend heeds. Where the data tell the trend
// from the columns beside it that prior weighs nothing; where they do not, as with columns that add
// up to the same in every row, it would hand most of the level to those columns.
constexpr double kHeeded = 1e-6;

}  // namespace

ProphetPosterior::ProphetPosterior(const ProphetProblem& p)
    : p_(p),
      S_(p.changes.size()),
      K_(p.X.cols()),
      mixed_(std::find(p.multiplicative.begin(), p.multiplicative.end(), 1) !=
             p.multiplicative.end()),
      search_precision_(logistic() ? kTrendPrecision : kHeeded * kTrendPrecision) {}

VectorXd ProphetPosterior::Start() const {
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
  return PointOf(theta);
}

VectorXd ProphetPosterior::PointOf(const VectorXd& theta) const {
  VectorXd x = theta;
  if (logistic()) x[1] = -theta[0] * theta[1];
  return x;
}

VectorXd ProphetPosterior::ThetaOf(const VectorXd& x) const {
  VectorXd theta = x;
  if (logistic()) theta[1] = x[1] == 0 ? 0.0 : -x[1] / x[0];
  return theta;
}

void ProphetPosterior::Evaluate(const VectorXd& x, VectorXd& residual, MatrixXd* jacobian) const {
  const VectorXd u = Growth(x);
  VectorXd trend = u, slope = VectorXd::Ones(u.size());  // and d trend / d u
  if (logistic()) {
    const Eigen::ArrayXd p = (1.0 + (-u.array()).exp()).inverse();
    trend = p_.cap.array() * p;
    slope = p_.cap.array() * p * (1.0 - p);
  }
  VectorXd factor = VectorXd::Ones(u.size()), added = VectorXd::Zero(u.size());
  const auto beta = x.tail(K_);
  if (mixed_) {
    for (Index j = 0; j < K_; ++j)
      (Multiplies(j) ? factor : added).noalias() += beta[j] * p_.X.col(j);
  } else {
    added.noalias() = p_.X * beta;
  }
  residual = p_.y - trend.cwiseProduct(factor) - added;
  if (jacobian == nullptr) return;
  GrowthJacobian(*jacobian);
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

double ProphetPosterior::PriorLoss(const VectorXd& theta) const {
  return PriorLoss(theta, kTrendPrecision);
}

double ProphetPosterior::SearchLoss(const VectorXd& x) const {
  return PriorLoss(ThetaOf(x), search_precision_);
}

double ProphetPosterior::PriorLoss(const VectorXd& theta, double trend_precision) const {
  return 0.5 * trend_precision * theta.head(2).squaredNorm() +
         theta.segment(2, S_).lpNorm<1>() / p_.change_scale +
         0.5 * theta.tail(K_).cwiseQuotient(p_.prior_scale).squaredNorm();
}

void ProphetPosterior::AddPriors(const VectorXd& x, MatrixXd& H, VectorXd& c) const {
  H(0, 0) += search_precision_;
  H.diagonal().tail(K_).array() += p_.prior_scale.array().square().inverse();
  if (!logistic()) {
    H(1, 1) += search_precision_;
    return;
  }
  // m = -x[1] / x[0], and what it is on a straight line from here.
  const double m = ThetaOf(x)[1];
  const Eigen::Vector2d slope(-m / x[0], -1.0 / x[0]);
  const double offset = m - slope.dot(x.head<2>());
  H.topLeftCorner<2, 2>() += search_precision_ * slope * slope.transpose();
  c.head<2>() -= search_precision_ * offset * slope;
}

// [n]: the trend before the cap, k t + offset bent by delta at each change. The offsets that keep a
// logistic trend continuous are the same thing: its exponent is one continuous piecewise linear
// function, so that they need not be computed.
VectorXd ProphetPosterior::Growth(const VectorXd& x) const {
  if (p_.growth == ProphetProblem::Growth::kFlat) return VectorXd::Constant(p_.t.size(), x[1]);
  double rate = x[0], offset = x[1];
  VectorXd u(p_.t.size());
  Index next = 0;
  for (Index i = 0; i < u.size(); ++i) {
    for (; next < S_ && p_.changes[next] <= p_.t[i]; ++next) {
      rate += x[2 + next];
      offset -= x[2 + next] * p_.changes[next];
    }
    u[i] = rate * p_.t[i] + offset;
  }
  return u;
}

void ProphetPosterior::GrowthJacobian(MatrixXd& jacobian) const {
  jacobian.resize(p_.t.size(), p_.size());
  auto columns = jacobian.leftCols(2 + S_);
  columns.col(1).setOnes();
  if (p_.growth == ProphetProblem::Growth::kFlat) {
    columns.col(0).setZero();
    columns.rightCols(S_).setZero();
    return;
  }
  columns.col(0) = p_.t;
  for (Index j = 0; j < S_; ++j) columns.col(2 + j) = (p_.t.array() - p_.changes[j]).cwiseMax(0.0);
}

}  // namespace nf
