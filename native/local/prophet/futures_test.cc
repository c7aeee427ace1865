// Simulated changes of a trend: few are passed one by one, many at once, with the same spread.
#include "local/prophet/futures.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nf {
namespace {

constexpr size_t kFutures = 4000;
constexpr double kRate = 20, kSize = 0.3;

// Root of the mean square of the deviations at time `end`, reached in this many steps.
double SpreadAt(double end, int steps) {
  const ProphetDraws draws(3, kFutures);
  ProphetFutures futures(draws, kFutures, kRate, kSize);
  std::vector<double> values(kFutures);
  for (int i = 1; i <= steps; ++i) futures.Deviations(1.0 + (end - 1.0) * i / steps, values);
  double squares = 0;
  for (double v : values) squares += v * v;
  return std::sqrt(squares / kFutures);
}

// A Poisson process of Laplace sizes s at times u: the variance of sum s (end - u).
double Expected(double end) {
  return std::sqrt(2 * kSize * kSize * kRate * std::pow(end - 1.0, 3) / 3);
}

TEST(ProphetFutures, SpreadIsThatOfTheProcessHoweverManyChangesAStepPasses) {
  EXPECT_NEAR(SpreadAt(1.5, 5) / Expected(1.5), 1.0, 0.05);
  EXPECT_NEAR(SpreadAt(11, 10) / Expected(11), 1.0, 0.05);    // 20 a step: one by one
  EXPECT_NEAR(SpreadAt(101, 10) / Expected(101), 1.0, 0.05);  // 200 a step: at once
  EXPECT_NEAR(SpreadAt(1e6, 1) / Expected(1e6), 1.0, 0.05);
}

TEST(ProphetFutures, NoDistanceTakesLong) {
  for (double far : {1e9, 1e17, 1e100, 1e300}) {
    const ProphetDraws draws(3, 1000);
    ProphetFutures futures(draws, 1000, kRate, kSize);
    std::vector<double> values(1000);
    futures.Deviations(1.1, values);
    for (int i = 0; i < 50; ++i) futures.Deviations(far * (1 + i * 1e-15), values);
    futures.Deviations(2 * far, values);
  }
}

}  // namespace
}  // namespace nf
