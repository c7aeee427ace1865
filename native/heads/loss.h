// Losses by NeuralForecast's names: what a loss asks of a model's output and how its columns are
// named.
#ifndef NF_HEADS_LOSS_H_
#define NF_HEADS_LOSS_H_

#include <string>
#include <vector>

#include "config/fields.h"
#include "kernels/losses.h"

namespace nf {

struct LossConfig : Fields {
  std::string name = "MAE";
  std::vector<double> level;      // losses of several quantiles: [80, 90] in percent, or
  std::vector<double> quantiles;  // [0.05, 0.5, 0.95]
  double q = 0.5;                 // QuantileLoss, HuberQLoss
  double delta = 1.0;             // Huber losses
  int64_t seasonality = 1;        // MASE
  double c = 4.685;               // TukeyLoss
  bool normalize = true;
  double alpha = 0.5;  // FreDF
  std::string distribution = "StudentT";
  double rho = 1.5;          // Tweedie
  int64_t num_pieces = 5;    // ISQF
  int64_t n_components = 0;  // mixtures; 0: as the reference has it
  bool weighted = false;
  int64_t cos_embedding_dim = 64;  // implicit quantile losses
  double concentration0 = 1, concentration1 = 1;
  std::vector<double> horizon_weight;  // one factor a horizon step; empty: all 1

  void VisitFields(FieldVisitor& v) override;

  const char* doc() const;  // one sentence about the loss

  // The fields, besides the name, that this loss takes.
  std::vector<std::string> Options() const;
  LossKind kind() const;  // of a loss that the kernels have
  bool is_distribution() const;
  bool any_quantile() const;  // of the forecast: a distribution, or implicit quantiles
  bool multi_quantile() const;
  // Quantiles that the output holds: of `level` the median first and then ascending, `quantiles` as
  // given (both as the reference orders them); empty for point losses.
  std::vector<double> OutputQuantiles() const;
  // Columns of a forecast, >= 1: of a distribution its mean and then its quantiles.
  int64_t outputs() const;
  // Column suffixes, one an output: "" (point forecast or median), "-lo-90", "-hi-90" ...; of a
  // distribution "" is the mean and "-median" the median.
  std::vector<std::string> OutputSuffixes() const;
  // The output nearest to the median, or the mean of a distribution: the point forecast.
  int64_t point_output() const;
  // The outputs by ascending quantile, whose forecasts must ascend too; empty where there is no
  // more than one, and of a distribution, whose quantiles do.
  std::vector<int32_t> Ascending() const;
  // Which outputs of a model trained by this loss `metric` looks at, in the metric's order: the
  // point forecast, or those of the metric's quantiles. Empty: the model has not got one of those.
  // A distribution has any; its own loss is no metric of another's columns.
  std::vector<int64_t> OutputsFor(const LossConfig& metric) const;
  // The same whatever the unit of y, or with a unit of its own.
  bool relative() const;
};

std::vector<std::string> LossNames();

}  // namespace nf

#endif  // NF_HEADS_LOSS_H_
