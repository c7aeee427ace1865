#include "model/describe.h"

#include <gtest/gtest.h>

#include "models/registry.h"

namespace nf {
namespace {

TEST(Describe, EveryModelIsThereWithItsKindAndOptions) {
  const Json described = DescribeModels();
  const auto& models = described.AsArray();
  ASSERT_EQ(models.size(), AllModels().size());
  for (size_t i = 0; i < models.size(); ++i) {
    const ModelEntry& entry = *AllModels()[i];
    EXPECT_EQ(models[i].At("name").AsString(), entry.name);
    EXPECT_EQ(models[i].At("kind").AsString() == "local", entry.make_local != nullptr);
    EXPECT_EQ(models[i].At("fields").AsArray()[0].At("name").AsString(), "horizon");
  }
}

}  // namespace
}  // namespace nf
