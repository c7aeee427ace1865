#include "heads/loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "config/intervals.h"
#include "heads/distribution.h"
#include "heads/head.h"
#include "util/error.h"

namespace nf {
namespace {

enum class Family : uint8_t { kPoint, kQuantile, kMultiQuantile, kImplicit, kDistribution };

struct LossEntry {
  const char* name;
  const char* doc;  // one sentence
  Family family = Family::kPoint;
  LossKind kind = LossKind::kMae;  // of one that is a sum of a kernel's points
  std::vector<const char*> options = {};
  std::unique_ptr<Head> (*make)(const LossConfig&) = MakePointHead;
  bool relative = false;
};

LossEntry Mixture(const char* name, const char* doc) {
  return {.name = name,
          .doc = doc,
          .family = Family::kDistribution,
          .options = {"nComponents", "weighted", "level", "quantiles"},
          .make = MakeDistributionHead};
}

// Each loss, once: with the head that it makes of a model.
const std::vector<LossEntry>& Losses() {
  using enum Family;
  static const std::vector<LossEntry> losses = {
      {"MAE", "Mean absolute error: the forecast is a median.", kPoint, LossKind::kMae},
      {"MSE", "Mean squared error: the forecast is a mean.", kPoint, LossKind::kMse},
      {"RMSE", "Root of the mean squared error over all steps and series.", kPoint, LossKind::kMse},
      {.name = "MAPE",
       .doc = "Mean absolute error as a share of the value; values of 0 count 0.",
       .kind = LossKind::kMape,
       .relative = true},
      {.name = "SMAPE",
       .doc = "Mean absolute error as a share of the mean size of value and forecast: from 0 to 2.",
       .kind = LossKind::kSmape,
       .relative = true},
      {.name = "MASE",
       .doc =
           "Mean absolute error over that of repeating the lookback's values of a season before. "
           "Hyndman & Koehler, 2006.",
       .options = {"seasonality"},
       .make = MakeMaseHead,
       .relative = true},
      {.name = "relMSE",
       .doc = "Mean squared error over that of repeating the lookback's last value. Hyndman & "
              "Koehler, 2006.",
       .make = MakeRelMseHead,
       .relative = true},
      {"HuberLoss",
       "Squared below delta, absolute beyond it: robust to outliers.",
       kPoint,
       LossKind::kHuber,
       {"delta"}},
      {.name = "TukeyLoss",
       .doc =
           "Tukey's biweight: errors beyond c count alike, so that outliers have no pull. Beaton & "
           "Tukey, 1974.",
       .options = {"c", "normalize"},
       .make = MakeTukeyHead},
      {.name = "FreDF",
       .doc =
           "Squared error of the steps and absolute error of their frequencies. Wang et al., 2025.",
       .options = {"alpha"},
       .make = MakeFreDfHead},
      {"QuantileLoss",
       "Pinball loss of one quantile, which is the forecast.",
       kQuantile,
       LossKind::kQuantile,
       {"q"}},
      {"HuberQLoss",
       "QuantileLoss of one quantile, Huber's near 0.",
       kQuantile,
       LossKind::kHuberQuantile,
       {"q", "delta"}},
      {"MQLoss",
       "Pinball loss of several quantiles: a median with interval columns.",
       kMultiQuantile,
       LossKind::kQuantile,
       {"level", "quantiles"}},
      {"HuberMQLoss",
       "MQLoss of several quantiles, Huber's near 0.",
       kMultiQuantile,
       LossKind::kHuberMultiQuantile,
       {"level", "quantiles", "delta"}},
      {.name = "IQLoss",
       .doc = "Pinball loss at quantiles that are drawn anew for each value: any quantile of the "
              "forecast. Gouttes et al., 2021.",
       .family = kImplicit,
       .kind = LossKind::kQuantile,
       .options = {"cosEmbeddingDim", "concentration0", "concentration1"},
       .make = MakeImplicitQuantileHead},
      {.name = "HuberIQLoss",
       .doc = "IQLoss, Huber's near 0.",
       .family = kImplicit,
       .kind = LossKind::kHuberQuantile,
       .options = {"cosEmbeddingDim", "concentration0", "concentration1", "delta"},
       .make = MakeImplicitQuantileHead},
      {.name = "DistributionLoss",
       .doc = "Negative log-likelihood of a distribution: its mean with any quantile and samples. "
              "Salinas et al., 2020.",
       .family = kDistribution,
       .options = {"distribution", "level", "quantiles", "rho", "numPieces"},
       .make = MakeDistributionHead},
      Mixture(
          "GMM",
          "Negative log-likelihood of a mixture of normal distributions. Olivares et al., 2021."),
      Mixture(
          "PMM",
          "Negative log-likelihood of a mixture of Poisson distributions, for counts. Olivares et "
          "al., 2021."),
      Mixture(
          "NBMM",
          "Negative log-likelihood of a mixture of negative binomial distributions, for counts. "
          "Olivares et al., 2021."),
  };
  return losses;
}

const LossEntry& Entry(const std::string& name) {
  for (const LossEntry& entry : Losses()) {
    if (name == entry.name) return entry;
  }
  Fail(ErrorCode::kInternal, "loss '" + name + "' passed its field check");
}

std::vector<double> DefaultLevel() { return {80, 90}; }

}  // namespace

std::vector<std::string> LossNames() {
  std::vector<std::string> names;
  for (const LossEntry& entry : Losses()) names.push_back(entry.name);
  return names;
}

void LossConfig::VisitFields(FieldVisitor& v) {
  v.Visit("name", name, {.doc = "The loss.", .choices = LossNames()});
  v.Visit("level", level,
          {.doc = "Losses with several quantiles: central intervals in percent; the median comes "
                  "with them. Default [80, 90] when quantiles is not given.",
           .min = 0.01,
           .max = 99.99});
  v.Visit("quantiles", quantiles,
          {.doc = "Losses with several quantiles: the quantiles themselves, instead of level.",
           .min = 1e-4,
           .max = 1 - 1e-4});
  v.Visit("q", q, {.doc = "QuantileLoss, HuberQLoss: the quantile.", .min = 1e-4, .max = 1 - 1e-4});
  v.Visit("delta", delta,
          {.doc = "Huber losses: where the square turns linear.", .min = 0, .min_exclusive = true});
  v.Visit("seasonality", seasonality,
          {.doc = "MASE: steps of a season; 1: errors are compared with those of the last value.",
           .min = 1,
           .max = 1e6});
  v.Visit("c", c,
          {.doc = "TukeyLoss: the error from which on all count alike.",
           .min = 0,
           .min_exclusive = true});
  v.Visit("normalize", normalize,
          {.doc = "TukeyLoss: errors are measured in deviations of the window's targets."});
  v.Visit("alpha", alpha,
          {.doc = "FreDF: share of the frequencies; 0 is MSE.", .min = 0, .max = 1});
  v.Visit(
      "distribution", distribution,
      {.doc = "DistributionLoss: which one. Poisson, NegativeBinomial and Tweedie take values >= "
              "0, Bernoulli 0 and 1.",
       .choices = DistributionNames()});
  v.Visit("rho", rho,
          {.doc = "Tweedie: power of the mean that the variance is, between 1 (Poisson) and 2 "
                  "(gamma).",
           .min = 1.01,
           .max = 1.99});
  v.Visit("numPieces", num_pieces,
          {.doc = "ISQF: linear pieces of the quantile function between two quantiles.",
           .min = 1,
           .max = 1000});
  v.Visit("nComponents", n_components,
          {.doc = "Mixtures: distributions that are mixed; 0: 10 of PMM, 1 of the others, as the "
                  "reference.",
           .min = 0,
           .max = 1000});
  v.Visit("weighted", weighted,
          {.doc = "Mixtures: the weights of the components are learned; else they are equal."});
  v.Visit("cosEmbeddingDim", cos_embedding_dim,
          {.doc = "Implicit quantile losses: cosines that a quantile is embedded in.",
           .min = 1,
           .max = 10000});
  v.Visit("concentration0", concentration0,
          {.doc = "Implicit quantile losses: quantiles are drawn from Beta(concentration1, "
                  "concentration0); 1 and 1: uniformly.",
           .min = 0.01,
           .max = 1000});
  v.Visit("concentration1", concentration1,
          {.doc = "As concentration0, of the upper end.", .min = 0.01, .max = 1000});
  v.Visit("horizonWeight", horizon_weight,
          {.doc = "One factor a horizon step; empty: all 1.", .min = 0});
}

const char* LossConfig::doc() const { return Entry(name).doc; }

std::vector<std::string> LossConfig::Options() const {
  const LossEntry& entry = Entry(name);
  std::vector<std::string> names = {"horizonWeight"};
  names.insert(names.end(), entry.options.begin(), entry.options.end());
  return names;
}

LossKind LossConfig::kind() const { return Entry(name).kind; }
bool LossConfig::is_distribution() const { return Entry(name).family == Family::kDistribution; }
bool LossConfig::any_quantile() const {
  return is_distribution() || Entry(name).family == Family::kImplicit;
}
bool LossConfig::multi_quantile() const { return Entry(name).family == Family::kMultiQuantile; }
bool LossConfig::relative() const { return Entry(name).relative || is_distribution(); }

std::vector<double> LossConfig::OutputQuantiles() const {
  if (Entry(name).family == Family::kQuantile) return {q};
  if (Entry(name).family == Family::kPoint || Entry(name).family == Family::kImplicit) return {};
  if (!quantiles.empty()) return quantiles;
  std::vector<double> out = QuantilesOfLevels(level.empty() ? DefaultLevel() : level);
  out.insert(out.begin(), 0.5);
  return out;
}

int64_t LossConfig::outputs() const {
  const auto count = static_cast<int64_t>(OutputQuantiles().size());
  return is_distribution() ? 1 + count : std::max<int64_t>(1, count);
}

std::vector<std::string> LossConfig::OutputSuffixes() const {
  if (!multi_quantile() && !is_distribution()) return {""};
  std::vector<std::string> names;
  if (is_distribution()) names.push_back("");
  for (double quantile : OutputQuantiles()) {
    const bool median = is_distribution() && quantile == 0.5;
    names.push_back(median ? "-median" : QuantileSuffix(quantile));
  }
  return names;
}

int64_t LossConfig::point_output() const {
  if (is_distribution()) return 0;
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
  if (all.size() < 2 || is_distribution()) return {};
  std::vector<int32_t> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return all[static_cast<size_t>(a)] < all[static_cast<size_t>(b)];
  });
  return order;
}

std::vector<int64_t> LossConfig::OutputsFor(const LossConfig& metric) const {
  if (any_quantile()) {
    // Those that are asked of it for the metric, in order.
    std::vector<int64_t> all(static_cast<size_t>(metric.is_distribution() ? 0 : metric.outputs()));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  if (metric.is_distribution()) return {};
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

std::unique_ptr<Head> MakeHead(const LossConfig& config) { return Entry(config.name).make(config); }

}  // namespace nf
