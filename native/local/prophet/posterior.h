// What the fit of Prophet makes least, as a function whose residuals can be made linear.
#ifndef NF_LOCAL_PROPHET_POSTERIOR_H_
#define NF_LOCAL_PROPHET_POSTERIOR_H_

#include "local/prophet/fit.h"

namespace nf {

// A point x is theta with one difference: under logistic growth x[1] is the offset -k m instead of
// m. The exponent is then linear in x, and what curves is a prior that weighs next to nothing; in m
// itself a level that does not change is a valley k m = const, too narrow for steps along straight
// lines.
class ProphetPosterior {
 public:
  explicit ProphetPosterior(const ProphetProblem& problem);

  // Where the library begins: growth through the first and the last row.
  Eigen::VectorXd Start() const;
  Eigen::VectorXd PointOf(const Eigen::VectorXd& theta) const;
  Eigen::VectorXd ThetaOf(const Eigen::VectorXd& x) const;

  double rows() const { return static_cast<double>(p_.y.size()); }
  // Its residuals are a linear function of x.
  bool linear() const { return !logistic() && !mixed_; }
  bool logistic() const { return p_.growth == ProphetProblem::Growth::kLogistic; }

  // Residuals and, with `jacobian`, the derivative of the forecast [n, P].
  void Evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& residual,
                Eigen::MatrixXd* jacobian) const;

  double PriorLoss(const Eigen::VectorXd& theta) const;
  // What the search goes by instead.
  double SearchLoss(const Eigen::VectorXd& x) const;
  // Adds its normal priors, made linear at x, to the quadratic 0.5 z'Hz - c'z in the point z.
  void AddPriors(const Eigen::VectorXd& x, Eigen::MatrixXd& H, Eigen::VectorXd& c) const;

  double change_penalty() const { return 1.0 / p_.change_scale; }
  Eigen::Index changes_begin() const { return 2; }
  Eigen::Index changes_end() const { return 2 + S_; }

 private:
  bool Multiplies(Eigen::Index j) const { return p_.multiplicative[static_cast<size_t>(j)] != 0; }
  double PriorLoss(const Eigen::VectorXd& theta, double trend_precision) const;
  Eigen::VectorXd Growth(const Eigen::VectorXd& x) const;
  void GrowthJacobian(Eigen::MatrixXd& jacobian) const;

  const ProphetProblem& p_;
  const Eigen::Index S_, K_;
  const bool mixed_;
  const double search_precision_;
};

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_POSTERIOR_H_
