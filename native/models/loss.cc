#include "models/loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "config/intervals.h"
#include "util/error.h"

namespace nf {
namespace {

struct LossEntry {
  const char* name;
  LossKind kind;
  const char* doc;              // one sentence
  bool multi_quantile = false;  // takes level, quantiles
  bool one_quantile = false;    // takes q
  bool huber = false;           // takes delta
};

constexpr LossEntry kLosses[] = {
    {"MAE", LossKind::kMae, "Mean absolute error: the forecast is a median."},
    {"MSE", LossKind::kMse, "Mean squared error: the forecast is a mean."},
    {"RMSE", LossKind::kMse, "Root of the mean squared error over all steps and series."},
    {"MAPE", LossKind::kMape, "Mean absolute error as a share of the value; values of 0 count 0."},
    {"SMAPE", LossKind::kSmape,
     "Mean absolute error as a share of the mean size of value and forecast: from 0 to 2."},
    {"HuberLoss", LossKind::kHuber, "Squared below delta, absolute beyond it: robust to outliers.",
     false, false, true},
    {"QuantileLoss", LossKind::kQuantile, "Pinball loss of one quantile, which is the forecast.",
     false, true, false},
    {"HuberQLoss", LossKind::kHuberQuantile, "QuantileLoss of one quantile, Huber's near 0.", false,
     true, true},
    {"MQLoss", LossKind::kQuantile,
     "Pinball loss of several quantiles: a median with interval columns.", true, false, false},
    {"HuberMQLoss", LossKind::kHuberMultiQuantile, "MQLoss of several quantiles, Huber's near 0.",
     true, false, true},
};

const LossEntry& Entry(const std::string& name) {
  for (const LossEntry& entry : kLosses) {
    if (name == entry.name) return entry;
  }
  Fail(ErrorCode::kInternal, "loss '" + name + "' passed its field check");
}

std::vector<double> DefaultLevel() { return {80, 90}; }

}  // namespace

std::vector<std::string> LossNames() {
  std::vector<std::string> names;
  for (const LossEntry& entry : kLosses) names.push_back(entry.name);
  return names;
}

void LossConfig::VisitFields(FieldVisitor& v) {
  v.Visit("name", name, {.doc = "The loss.", .choices = LossNames()});
  v.Visit("level", level,
          {.doc = "MQLoss, HuberMQLoss: central intervals in percent; the median comes with them. "
                  "Default [80, 90] when quantiles is not given.",
           .min = 0.01,
           .max = 99.99});
  v.Visit("quantiles", quantiles,
          {.doc = "MQLoss, HuberMQLoss: the quantiles themselves, instead of level.",
           .min = 1e-4,
           .max = 1 - 1e-4});
  v.Visit("q", q, {.doc = "QuantileLoss, HuberQLoss: the quantile.", .min = 1e-4, .max = 1 - 1e-4});
  v.Visit("delta", delta,
          {.doc = "Huber losses: where the square turns linear.", .min = 0, .min_exclusive = true});
  v.Visit("horizonWeight", horizon_weight,
          {.doc = "One factor a horizon step; empty: all 1.", .min = 0});
}

const char* LossConfig::doc() const { return Entry(name).doc; }

std::vector<std::string> LossConfig::Options() const {
  const LossEntry& entry = Entry(name);
  std::vector<std::string> options = {"horizonWeight"};
  if (entry.multi_quantile) options.insert(options.end(), {"level", "quantiles"});
  if (entry.one_quantile) options.push_back("q");
  if (entry.huber) options.push_back("delta");
  return options;
}

LossKind LossConfig::kind() const { return Entry(name).kind; }

bool LossConfig::multi_quantile() const { return Entry(name).multi_quantile; }

std::vector<double> LossConfig::OutputQuantiles() const {
  if (Entry(name).one_quantile) return {q};
  if (!multi_quantile()) return {};
  if (!quantiles.empty()) return quantiles;
  std::vector<double> out = QuantilesOfLevels(level.empty() ? DefaultLevel() : level);
  out.insert(out.begin(), 0.5);
  return out;
}

int64_t LossConfig::outputs() const {
  return std::max<int64_t>(1, static_cast<int64_t>(OutputQuantiles().size()));
}

std::vector<std::string> LossConfig::OutputSuffixes() const {
  if (!multi_quantile()) return {""};
  std::vector<std::string> names;
  for (double quantile : OutputQuantiles()) names.push_back(QuantileSuffix(quantile));
  return names;
}

int64_t LossConfig::point_output() const {
  const std::vector<double> all = OutputQuantiles();
  int64_t best = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (std::abs(all[i] - 0.5) < std::abs(all[static_cast<size_t>(best)] - 0.5)) {
      best = static_cast<int64_t>(i);
    }
  }
  return best;
}

std::vector<int32_t> LossConfig::Ascending() const {
  const std::vector<double> all = OutputQuantiles();
  if (all.size() < 2) return {};
  std::vector<int32_t> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return all[static_cast<size_t>(a)] < all[static_cast<size_t>(b)];
  });
  return order;
}

std::vector<int64_t> LossConfig::OutputsFor(const LossConfig& metric) const {
  const std::vector<double> given = OutputQuantiles(), wanted = metric.OutputQuantiles();
  // One quantile of a model without any judges its point forecast.
  if (wanted.empty() || (given.empty() && wanted.size() == 1)) return {point_output()};
  std::vector<int64_t> outputs;
  for (double quantile : wanted) {
    const auto at = std::find_if(given.begin(), given.end(),
                                 [&](double known) { return std::abs(known - quantile) < 1e-9; });
    if (at == given.end()) return {};
    outputs.push_back(at - given.begin());
  }
  return outputs;
}

LossCall::LossCall(const LossConfig& config)
    : kind_(config.kind()),
      delta_(static_cast<float>(config.delta)),
      outputs_(static_cast<size_t>(config.outputs())) {
  for (double q : config.OutputQuantiles()) quantiles_.push_back(static_cast<float>(q));
}

LossArgs LossCall::Of(int64_t rows, int64_t horizon, const float* y_hat, const float* y,
                      const float* weight) const {
  LossArgs args;
  args.kind = kind_;
  args.delta = delta_;
  args.quantiles = quantiles_.data();
  args.rows = static_cast<size_t>(rows);
  args.horizon = static_cast<size_t>(horizon);
  args.outputs = outputs_;
  args.y_hat = y_hat;
  args.y = y;
  args.weight = weight;
  return args;
}

}  // namespace nf
