// Losses by NeuralForecast's names: what a loss asks of a model's output and how its columns are
// named.
#ifndef NF_MODELS_LOSS_H_
#define NF_MODELS_LOSS_H_

#include <string>
#include <vector>

#include "config/fields.h"
#include "kernels/losses.h"

namespace nf {

// "MAE" "MSE" "RMSE" "MAPE" "SMAPE" "HuberLoss" "QuantileLoss" "MQLoss" "HuberQLoss" "HuberMQLoss"
struct LossConfig : Fields {
  std::string name = "MAE";
  std::vector<double> level;           // multi-quantile losses: [80, 90] in percent, or
  std::vector<double> quantiles;       // [0.05, 0.5, 0.95]
  double q = 0.5;                      // QuantileLoss, HuberQLoss
  double delta = 1.0;                  // Huber losses
  std::vector<double> horizon_weight;  // one factor a horizon step; empty: all 1

  void VisitFields(FieldVisitor& v) override;

  const char* doc() const;  // one sentence about the loss

  // The fields, besides the name, that this loss takes.
  std::vector<std::string> Options() const;
  LossKind kind() const;
  bool is_rmse() const { return name == "RMSE"; }  // the root of kMse's mean
  bool multi_quantile() const;
  // Quantiles that the output holds: of `level` the median first and then ascending, `quantiles` as
  // given (both as the reference orders them); empty for point losses.
  std::vector<double> OutputQuantiles() const;
  int64_t outputs() const;  // Q, >= 1
  // Column suffixes, one an output: "" (point forecast or median), "-lo-90", "-hi-90" ...
  std::vector<std::string> OutputSuffixes() const;
  // The output nearest to the median: the point forecast.
  int64_t point_output() const;
  // The outputs by ascending quantile, whose forecasts must ascend too; empty where there is no
  // more than one.
  std::vector<int32_t> Ascending() const;
  // Which outputs of a model trained by this loss `metric` looks at, in the metric's order: the
  // point forecast, or those of the metric's quantiles. Empty: the model has not got one of those.
  std::vector<int64_t> OutputsFor(const LossConfig& metric) const;
  // The same whatever the unit of y.
  bool relative() const { return kind() == LossKind::kMape || kind() == LossKind::kSmape; }
};

std::vector<std::string> LossNames();

// A loss as the kernels take it: what does not change from call to call, stated once.
class LossCall {
 public:
  explicit LossCall(const LossConfig& config);
  // Of rows of forecasts [rows, h, Q] and their targets and weights [rows, h]; no gradient asked
  // for.
  LossArgs Of(int64_t rows, int64_t horizon, const float* y_hat, const float* y,
              const float* weight) const;

 private:
  const LossKind kind_;
  const float delta_;
  const size_t outputs_;
  std::vector<float> quantiles_;
};

}  // namespace nf

#endif  // NF_MODELS_LOSS_H_
