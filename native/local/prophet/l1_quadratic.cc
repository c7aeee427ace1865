#include "local/prophet/l1_quadratic.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace nf {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

class Search {
 public:
  Search(const MatrixXd& H, const VectorXd& c, double penalty, Index begin, Index end, VectorXd& x)
      : H_(H), c_(c), penalty_(penalty), begin_(begin), end_(end), x_(x), sign_(x.size()) {
    for (Index j = 0; j < x.size(); ++j) sign_[j] = Penalised(j) ? Sign(x[j]) : 0.0;
  }

  void Run() {
    const Index most = 20 + 10 * (end_ - begin_);
    for (Index step = 0; step < most; ++step) {
      if (!SolveActive()) continue;  // a sign changed on the way: solve again without it
      const Index j = WorstInactive();
      if (j < 0) return;
      sign_[j] = -Sign(gradient_[j]);
    }
  }

 private:
  static double Sign(double v) { return v > 0 ? 1.0 : v < 0 ? -1.0 : 0.0; }
  bool Penalised(Index j) const { return j >= begin_ && j < end_; }
  double Value(const VectorXd& x) const {
    return 0.5 * x.dot(H_.selfadjointView<Eigen::Lower>() * x) - x.dot(c_) +
           penalty_ * x.segment(begin_, end_ - begin_).lpNorm<1>();
  }

  // Solves for the active coordinates under their signs. True when x is there; false when it
  // stopped at the best of the points where a sign changes.
  bool SolveActive() {
    active_.clear();
    for (Index j = 0; j < x_.size(); ++j)
      if (!Penalised(j) || sign_[j] != 0.0) active_.push_back(j);
    const auto n = static_cast<Index>(active_.size());
    part_.resize(n, n);
    VectorXd right(n);
    for (Index a = 0; a < n; ++a) {
      const Index column = active_[static_cast<size_t>(a)];
      for (Index b = a; b < n; ++b) part_(b, a) = H_(active_[static_cast<size_t>(b)], column);
      right[a] = c_[column] - penalty_ * sign_[column];
    }
    factor_.compute(part_);
    if (factor_.info() != Eigen::Success) {
      part_.diagonal().array() *= 1.0 + 1e-9;
      factor_.compute(part_);
    }
    const VectorXd solved = factor_.solve(right);
    VectorXd goal = VectorXd::Zero(x_.size());
    for (Index a = 0; a < n; ++a) goal[active_[static_cast<size_t>(a)]] = solved[a];
    if (!goal.allFinite()) return true;  // stay: H is singular to rounding
    std::vector<double> crossings;
    for (Index j = begin_; j < end_; ++j)
      if (sign_[j] != 0.0 && goal[j] * sign_[j] < 0) crossings.push_back(x_[j] / (x_[j] - goal[j]));
    if (crossings.empty()) {
      x_ = std::move(goal);
      return true;
    }
    StopAtBest(goal, std::move(crossings));
    return false;
  }

  void StopAtBest(const VectorXd& goal, std::vector<double> crossings) {
    crossings.push_back(1.0);
    VectorXd best;
    double least = 0;
    for (double share : crossings) {
      VectorXd candidate = x_ + share * (goal - x_);
      const double value = Value(candidate);
      if (best.size() != 0 && value >= least) continue;
      least = value;
      best = std::move(candidate);
    }
    const VectorXd before = std::exchange(x_, std::move(best));
    for (Index j = begin_; j < end_; ++j) {
      // On the crossing itself rounding leaves a trace of either sign.
      const bool gone = std::abs(x_[j]) <= 1e-12 * (std::abs(before[j]) + std::abs(goal[j]));
      if (sign_[j] == 0.0 || gone) x_[j] = 0.0;
      sign_[j] = Sign(x_[j]);
    }
  }

  // The inactive coordinate whose slope most outweighs the penalty; -1: none does.
  Index WorstInactive() {
    gradient_.noalias() = H_.selfadjointView<Eigen::Lower>() * x_;
    gradient_ -= c_;
    Index worst = -1;
    double most = penalty_ * (1 + 1e-9) + 1e-12 * c_.lpNorm<Eigen::Infinity>();
    for (Index j = begin_; j < end_; ++j) {
      if (sign_[j] != 0.0 || std::abs(gradient_[j]) <= most) continue;
      most = std::abs(gradient_[j]);
      worst = j;
    }
    return worst;
  }

  const MatrixXd& H_;
  const VectorXd& c_;
  const double penalty_;
  const Index begin_, end_;
  VectorXd& x_;
  VectorXd sign_, gradient_;
  std::vector<Index> active_;
  MatrixXd part_;
  Eigen::LLT<MatrixXd, Eigen::Lower> factor_;
};

}  // namespace

void MinimiseL1Quadratic(const Eigen::MatrixXd& H, const Eigen::VectorXd& c, double penalty,
                         Eigen::Index begin, Eigen::Index end, Eigen::VectorXd& x) {
  Search(H, c, penalty, begin, end, x).Run();
}

}  // namespace nf
