// Losses as configurations: the quantiles that an output holds, their names, the point forecast.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heads/head.h"

namespace nf {
namespace {

LossConfig MultiQuantile(std::vector<double> level, std::vector<double> quantiles) {
  LossConfig loss;
  loss.name = "MQLoss";
  loss.level = std::move(level);
  loss.quantiles = std::move(quantiles);
  return loss;
}

void ExpectQuantiles(const LossConfig& loss, const std::vector<double>& expected) {
  const std::vector<double> got = loss.OutputQuantiles();
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-12);
}

TEST(Loss, LevelsGiveTheMedianFirst) {
  ExpectQuantiles(MultiQuantile({}, {}), {0.5, 0.05, 0.1, 0.9, 0.95});
  ExpectQuantiles(MultiQuantile({90}, {}), {0.5, 0.05, 0.95});
  ExpectQuantiles(MultiQuantile({60, 60}, {}), {0.5, 0.2, 0.8});
  EXPECT_EQ(MultiQuantile({90}, {}).OutputSuffixes(),
            (std::vector<std::string>{"", "-lo-90", "-hi-90"}));
  EXPECT_EQ(MultiQuantile({90}, {}).point_output(), 0);
}

TEST(Loss, QuantilesStayAsGiven) {
  const LossConfig loss = MultiQuantile({}, {0.9, 0.45, 0.1});
  ExpectQuantiles(loss, {0.9, 0.45, 0.1});
  EXPECT_EQ(loss.OutputSuffixes(), (std::vector<std::string>{"-hi-80", "-lo-10", "-lo-80"}));
  EXPECT_EQ(loss.point_output(), 1);
}

TEST(Loss, OutputsByAscendingQuantile) {
  EXPECT_EQ(MultiQuantile({90, 80}, {}).Ascending(), (std::vector<int32_t>{1, 2, 0, 3, 4}));
  EXPECT_EQ(MultiQuantile({}, {0.9, 0.45, 0.1}).Ascending(), (std::vector<int32_t>{2, 1, 0}));
  EXPECT_TRUE(MultiQuantile({}, {0.9}).Ascending().empty());
  EXPECT_TRUE(LossConfig().Ascending().empty());
}

TEST(Loss, AMetricLooksAtThePointForecastOrAtItsQuantiles) {
  LossConfig mae, quantile;
  quantile.name = "QuantileLoss";
  quantile.q = 0.9;
  const LossConfig both = MultiQuantile({80, 90}, {});  // 0.5, 0.05, 0.1, 0.9, 0.95
  EXPECT_EQ(both.OutputsFor(mae), (std::vector<int64_t>{0}));
  EXPECT_EQ(both.OutputsFor(quantile), (std::vector<int64_t>{3}));
  EXPECT_EQ(both.OutputsFor(both), (std::vector<int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(both.OutputsFor(MultiQuantile({}, {0.95, 0.5})), (std::vector<int64_t>{4, 0}));
  EXPECT_EQ(both.OutputsFor(MultiQuantile({60}, {})), (std::vector<int64_t>{}));
  EXPECT_EQ(MultiQuantile({}, {0.9, 0.45}).OutputsFor(mae), (std::vector<int64_t>{1}));
  EXPECT_EQ(mae.OutputsFor(both), (std::vector<int64_t>{}));
  EXPECT_EQ(mae.OutputsFor(quantile), (std::vector<int64_t>{0}));
  EXPECT_EQ(quantile.OutputsFor(mae), (std::vector<int64_t>{0}));
  LossConfig median = quantile;
  median.q = 0.5;
  EXPECT_EQ(quantile.OutputsFor(median), (std::vector<int64_t>{}));
}

TEST(Loss, ADistributionGivesItsMeanAndQuantiles) {
  LossConfig loss;
  loss.name = "DistributionLoss";
  EXPECT_EQ(loss.OutputSuffixes(),
            (std::vector<std::string>{"", "-median", "-lo-90", "-lo-80", "-hi-80", "-hi-90"}));
  EXPECT_EQ(loss.outputs(), 6);
  EXPECT_EQ(loss.point_output(), 0);
  loss.quantiles = {0.25};
  EXPECT_EQ(loss.OutputSuffixes(), (std::vector<std::string>{"", "-lo-50"}));
}

TEST(Loss, EveryLossNamesItsOutputs) {
  for (const std::string& name : LossNames()) {
    LossConfig loss;
    loss.name = name;
    EXPECT_EQ(loss.outputs() == 1, !loss.multi_quantile() && !loss.is_distribution()) << name;
    if (loss.outputs() == 1) {
      EXPECT_EQ(loss.OutputSuffixes(), std::vector<std::string>{""}) << name;
    }
    EXPECT_EQ(loss.OutputSuffixes().size(), static_cast<size_t>(loss.outputs())) << name;
    EXPECT_GE(MakeHead(loss)->width(), 1) << name;
  }
}

TEST(SortQuantiles, EveryOrderOfFiveValues) {
  const std::vector<int32_t> ascending = {3, 1, 0, 4, 2};  // outputs by quantile
  std::vector<double> values = {-2, 0, 1, 1, 5};
  do {
    std::vector<double> got = values;
    SortQuantiles(ascending, got.data());
    EXPECT_EQ(got, (std::vector<double>{1, 0, 5, -2, 1}));
  } while (std::next_permutation(values.begin(), values.end()));
}

TEST(SortQuantiles, WhatIsNotFiniteStaysAmongThem) {
  std::vector<double> values = {1, NAN, -INFINITY, INFINITY};
  SortQuantiles(std::vector<int32_t>{0, 1, 2, 3}, values.data());
  EXPECT_EQ(std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }), 1);
  EXPECT_EQ(std::count_if(values.begin(), values.end(), [](double v) { return std::isinf(v); }), 2);
}

}  // namespace
}  // namespace nf
