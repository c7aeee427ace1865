// One series on its way to a problem that can be solved, and back.
#ifndef NF_LOCAL_PROPHET_SERIES_H_
#define NF_LOCAL_PROPHET_SERIES_H_

#include "local/prophet/fit.h"

namespace nf {

// Scales a series, settles its seasonalities and changepoints as the library does, and builds the
// columns. rows and y must outlive it; they are observed rows.
class ProphetSeries {
 public:
  // Throws kSeriesTooShort, kOutOfRange (cap, changepoints), kNonFinite, naming the series.
  ProphetSeries(const ProphetConfig& config, const LocalRows& rows, std::span<const double> y);

  const ProphetProblem& problem() const { return p_; }
  // The mode; of a constant series under a linear or flat trend the constant, without noise.
  ProphetSolution Solve(const JobControl& control) const;
  // Throws kNonFinite.
  LocalFit Write(const ProphetSolution& solution) const;

 private:
  void Scale();
  void Seasons();
  void Standardise(const ProphetDesign& design);
  void Changepoints();
  void FillProblem(const ProphetDesign& design);
  void FillRow(const ProphetDesign& design, int64_t i);
  void Centre(const ProphetBlock& block);

  const ProphetConfig& c_;
  const LocalRows& rows_;
  const std::span<const double> y_;
  const int64_t n_;
  bool constant_ = false, no_changes_ = false;
  ProphetView view_;
  std::vector<ProphetBlock> blocks_;
  std::vector<double> mean_, spread_, changes_;
  ProphetProblem p_;
};

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_SERIES_H_
