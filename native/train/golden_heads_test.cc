// Heads against NeuralForecast: loss, gradient at every kernel table, mean and quantiles; and what
// holds of any distribution.
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "heads/distribution.h"
#include "heads/head.h"
#include "heads/poisson.h"
#include "heads/special.h"
#include "kernels/kernel_table.h"
#include "testing/golden_data.h"
#include "util/rng.h"

namespace nf {
namespace {

struct HeadCase {
  std::string label;
  LossConfig config;
  std::vector<double> levels;
  std::vector<float> raw, target, weight, grad, loc, scale, insample, insample_mask;
  std::vector<double> mean, quantiles;
  double loss = 0;
  int64_t rows = 0, horizon = 0;
  std::unique_ptr<const Head> head;

  LossRows Rows() const {
    LossRows r;
    r.rows = rows, r.points = horizon;
    r.raw = raw.data(), r.target = target.data(), r.weight = weight.data();
    r.loc = loc.data(), r.scale = scale.data();
    r.insample = insample.data(), r.insample_mask = insample_mask.data();
    r.lookback = r.steps = std::ssize(insample) / rows;
    return r;
  }
};

HeadCase ReadCase(const GoldenFile& file, const std::string& key, const Json& json) {
  HeadCase c;
  c.label = json.At("loss").Dump();
  ParseFields(json.At("loss"), c.config, "loss");
  for (const Json& level : json.At("levels").AsArray()) c.levels.push_back(level.AsNumber());
  const auto floats = [&](const char* name) {
    const std::string full = key + "/" + name;
    return file.Has(full) ? file.Floats(full) : std::vector<float>{};
  };
  c.raw = floats("raw"), c.target = floats("target"), c.weight = floats("mask");
  c.grad = floats("grad"), c.loc = floats("loc"), c.scale = floats("scale");
  c.insample = floats("insample");
  c.insample_mask.assign(c.insample.size(), 1.0f);
  if (file.Has(key + "/mean")) c.mean = file.Doubles(key + "/mean");
  if (file.Has(key + "/quantiles")) c.quantiles = file.Doubles(key + "/quantiles");
  c.loss = file.Scalar(key + "/loss");
  c.rows = file.Shape(key + "/raw")[0], c.horizon = file.Shape(key + "/raw")[1];
  for (size_t i = 0; i < c.weight.size() && !c.config.horizon_weight.empty(); ++i)
    c.weight[i] *= static_cast<float>(c.config.horizon_weight[i % static_cast<size_t>(c.horizon)]);
  c.head = MakeHead(c.config);
  return c;
}

std::vector<HeadCase> ReadCases() {
  const GoldenFile file("heads");
  std::vector<HeadCase> cases;
  for (const auto& [key, json] : file.Cases()) cases.push_back(ReadCase(file, key, json));
  return cases;
}

TEST(GoldenHeads, LossAndGradient) {
  for (const HeadCase& c : ReadCases()) {
    for (const KernelTable* table : AllKernels()) {
      SCOPED_TRACE(c.label + " " + table->target);
      const double weights = std::accumulate(c.weight.begin(), c.weight.end(), 0.0);
      std::vector<float> grad(c.raw.size(), NAN);
      LossRows rows = c.Rows();
      rows.grad_scale = static_cast<float>(1 / weights);
      rows.grad = grad.data();
      const double sum = c.head->Loss(*table, rows);
      const Head::Result result = c.head->Of(sum, c.head->Benchmark(rows), weights);
      for (float& g : grad) g *= result.grad_scale;
      EXPECT_NEAR(result.loss, c.loss, 1e-6 * std::abs(c.loss));
      EXPECT_TRUE(Close(c.grad, grad, 1e-6));
      rows.grad = nullptr;
      EXPECT_EQ(c.head->Loss(*table, rows), sum);
    }
  }
}

TEST(GoldenHeads, MeanAndQuantiles) {
  for (const HeadCase& c : ReadCases()) {
    if (!c.head->distribution()) continue;
    SCOPED_TRACE(c.label);
    std::vector<Output> outputs = {std::nullopt};
    outputs.insert(outputs.end(), c.levels.begin(), c.levels.end());
    const Asked asked{.outputs = outputs};
    const auto size = static_cast<size_t>(asked.size());
    std::vector<double> mean, quantiles, values(static_cast<size_t>(c.horizon) * size);
    for (int64_t r = 0; r < c.rows; ++r) {
      const auto row = static_cast<size_t>(r);
      const WindowScale scale{static_cast<double>(c.loc[row]), static_cast<double>(c.scale[row])};
      c.head->Values(c.raw.data() + r * c.horizon * c.head->width(), c.horizon, c.head->width(),
                     ScalerType::kStandard, scale, asked, r, nullptr, values.data());
      for (size_t i = 0; i < values.size(); ++i)
        (i % size == 0 ? mean : quantiles).push_back(values[i]);
    }
    if (!c.mean.empty()) {
      EXPECT_TRUE(Close(c.mean, mean, 1e-6));
    }
    EXPECT_TRUE(Close(c.quantiles, quantiles, 1e-6));
  }
}

TEST(GoldenHeads, EveryDistributionHasACase) {
  std::vector<std::string> missing = DistributionNames();
  for (const HeadCase& c : ReadCases()) {
    if (c.config.name == "DistributionLoss") std::erase(missing, c.config.distribution);
  }
  EXPECT_EQ(missing, std::vector<std::string>{}) << "add them to test/golden/heads.py";
}

// The CDF at a quantile is its level; of a discrete one the CDF before it is less.
TEST(Distributions, QuantilesInvertTheCdf) {
  for (const HeadCase& c : ReadCases()) {
    if (!c.head->distribution()) continue;
    SCOPED_TRACE(c.label);
    const auto distribution = MakeDistribution(c.config);
    const std::vector<double> raw(c.raw.begin(), c.raw.begin() + distribution->width());
    const Anchor anchor{static_cast<double>(c.loc[0]), static_cast<double>(c.scale[0])};
    const std::string& name = c.config.distribution;
    const bool real = distribution->support() == Support::kReal;
    for (double u : {1e-6, 1e-3, 0.02, 0.3, 0.5, 0.77, 0.99, 1 - 1e-6}) {
      const double y = distribution->Quantile(raw.data(), anchor, u);
      if (real) {
        EXPECT_NEAR(distribution->Cdf(raw.data(), anchor, y), u, 1e-9) << u;
        continue;
      }
      EXPECT_GE(distribution->Cdf(raw.data(), anchor, y), u - 1e-12) << u;
      const bool continuous = c.config.name == "DistributionLoss" && name == "Tweedie";
      const double before = continuous ? y * (1 - 1e-9) : y - 1;
      if (y > 0) {
        EXPECT_LT(distribution->Cdf(raw.data(), anchor, before), u) << u;
      }
    }
  }
}

// Samples by their mean, and by the largest distance between their distribution and the CDF, which
// stays below 1.95 / sqrt(n) in 999 of 1000 draws (Kolmogorov and Smirnov); the seed is fixed.
TEST(Distributions, SamplesFollowTheirDistribution) {
  for (const HeadCase& c : ReadCases()) {
    if (!c.head->distribution()) continue;
    SCOPED_TRACE(c.label);
    const auto distribution = MakeDistribution(c.config);
    const std::vector<double> raw(c.raw.begin(), c.raw.begin() + distribution->width());
    const WindowScale scale{static_cast<double>(c.loc[0]), static_cast<double>(c.scale[0])};
    const Anchor anchor{scale.loc, scale.scale};
    constexpr int64_t kSamples = 2000;
    const Asked asked{.outputs = {}, .samples = kSamples, .seed = 3, .first_row = 0};
    std::vector<double> samples(kSamples), again(kSamples);
    const auto draw = [&](const Asked& by, int64_t row, std::vector<double>& to) {
      c.head->Values(c.raw.data(), 1, c.head->width(), ScalerType::kStandard, scale, by, row,
                     nullptr, to.data());
    };
    draw(asked, 0, samples);
    std::sort(samples.begin(), samples.end());
    double distance = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      // Of equal samples the last one, from above, and the value before it, from below.
      if (i + 1 < samples.size() && samples[i + 1] == samples[i]) continue;
      const double cdf = distribution->Cdf(raw.data(), anchor, samples[i]);
      distance = std::max(distance, std::abs(static_cast<double>(i + 1) / kSamples - cdf));
    }
    EXPECT_LT(distance, 1.95 / std::sqrt(kSamples));
    const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / kSamples;
    double square = 0;
    for (double s : samples) square += (s - mean) * (s - mean) / kSamples;
    EXPECT_NEAR(mean, distribution->Mean(raw.data(), anchor),
                5 * std::sqrt(square / kSamples) + 1e-12);
    draw(asked, 1, again);
    std::sort(again.begin(), again.end());
    EXPECT_NE(again, samples);  // of another row
  }
}

// SciPy's, on both sides of where the expansion begins.
TEST(Distributions, IncompleteGammaOfLargeShapes) {
  const struct {
    double a, x, cdf;
  } cases[] = {{1e5, 1e5 + 300, 0.8286363112512075}, {1e5, 1e5 - 700, 0.013286763577603874},
               {1e5, 1e5 - 1, 0.4991589526954236},   {1e6, 1e6 + 1500, 0.9331388957641022},
               {1e8, 1e8 + 2000, 0.579272222749627}, {1e12, 1e12 + 5e5, 0.691462549290343},
               {1e5 - 1, 1e5 + 299, 0.8286372}};
  for (const auto& c : cases) EXPECT_NEAR(GammaCdf(c.a, c.x), c.cdf, c.a < 1e5 ? 1e-5 : 1e-10);
}

// From means where the incomplete gamma function is an expansion: normal quantiles and the first
// term of Cornish and Fisher's correction for the skew.
TEST(Distributions, QuantilesOfLargeCounts) {
  const auto poisson = MakePoisson(0);
  for (double mean : {1e5, 1e6, 1e7, 1e9, 1e12}) {
    const double raw = 0, deviation = std::sqrt(mean);
    for (double u : {0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999}) {
      const double y = poisson->Quantile(&raw, {mean, 1}, u), z = NormalQuantile(u);
      EXPECT_NEAR((y - mean) / deviation, z + (z * z - 1) / (6 * deviation), 0.6 / deviation + 1e-6)
          << mean << " " << u;
    }
  }
}

// Its mean may be anything above 0, in a window at any level.
TEST(Distributions, TweedieHasMeansBelowOne) {
  LossConfig config;
  const auto tweedie = MakeTweedie(config);
  for (double raw : {-8.0, -0.5, 0.0, 2.0}) {
    EXPECT_NEAR(tweedie->Mean(&raw, {0.25, 3}), 0.25 * std::exp(raw), 1e-12) << raw;
    EXPECT_NEAR(tweedie->Mean(&raw, {0, 3}), 3 * std::exp(raw), 1e-9) << raw;
  }
}

TEST(Distributions, GradientsOfExtremeOutputsAreFinite) {
  for (const HeadCase& c : ReadCases()) {
    if (!c.head->distribution()) continue;
    SCOPED_TRACE(c.label);
    const auto distribution = MakeDistribution(c.config);
    const auto width = static_cast<size_t>(distribution->width());
    for (double extreme : {-60.0, -5.0, 0.0, 5.0, 60.0}) {
      std::vector<double> raw(width, extreme), grad(width, NAN);
      const double loss = distribution->Loss(raw.data(), 1, {0, 1}, grad.data());
      EXPECT_TRUE(std::isfinite(loss)) << extreme;
      for (double g : grad) EXPECT_TRUE(std::isfinite(g)) << extreme;
    }
  }
}

// c = 2 and errors of 0, 1 and 3, then in deviations of the targets: 4 / 6 (1 - (1 - e^2 / 4)^3).
TEST(Heads, TukeysBiweight) {
  LossConfig config;
  config.name = "TukeyLoss";
  config.c = 2, config.normalize = false;
  const std::vector<float> target = {0, 2, 4}, raw = {0, 3, 1}, weight = {1, 1, 1};
  std::vector<float> grad(3);
  LossRows rows;
  rows.rows = 1, rows.points = 3;
  rows.raw = raw.data(), rows.target = target.data(), rows.weight = weight.data();
  rows.grad = grad.data();
  EXPECT_NEAR(MakeHead(config)->Loss(BestKernels(), rows), 4.0 / 6 * (1 - 27.0 / 64) + 4.0 / 6,
              1e-12);
  EXPECT_EQ(grad, (std::vector<float>{0, 0.5625f, 0}));  // e (1 - e^2 / 4)^2
  config.normalize = true;
  const double unit = std::sqrt(8.0 / 3);
  const auto of = [](double e) { return 4.0 / 6 * (1 - std::pow(1 - e * e / 4, 3)); };
  EXPECT_NEAR(MakeHead(config)->Loss(BestKernels(), rows), of(1 / unit) + of(3 / unit), 1e-12);
}

}  // namespace
}  // namespace nf
