// Learning-rate schedules against torch's, step by step.
#include "config/fields.h"
#include "testing/golden_data.h"
#include "train/schedule.h"

namespace nf {
namespace {

TEST(GoldenSchedules, FiftyRates) {
  const GoldenFile file("schedules");
  ASSERT_GE(file.Cases().size(), 10u);
  for (const auto& [key, json] : file.Cases()) {
    SCOPED_TRACE(json.Dump());
    TrainConfig config;
    ParseFields(json, config, "golden");
    Schedule schedule(config, config.max_steps);
    std::vector<double> metric, rates;
    if (file.Has(key + "/metric")) metric = file.Doubles(key + "/metric");
    for (int64_t t = 0; t < config.max_steps; ++t) {
      rates.push_back(schedule.Rate(t));
      if (!metric.empty()) schedule.OnValidation(metric[static_cast<size_t>(t)]);
    }
    EXPECT_TRUE(Close(file.Doubles(key + "/rates"), rates, 1e-12));
  }
}

}  // namespace
}  // namespace nf
