// No model comes without golden cases. The golden tests read whatever files there are, so a model
// that has none would pass them; these walk the registry.
#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "models/registry.h"
#include "testing/golden_batch.h"

namespace nf {
namespace {

class GoldenCoverage : public ::testing::TestWithParam<const ModelEntry*> {
 protected:
  const ModelEntry& entry() const { return *GetParam(); }

  bool HasCase(bool (*found)(const GoldenFile&, const ModelConfig&)) const {
    return std::ranges::any_of(ModelStems(), [&](const std::string& stem) {
      const GoldenFile file(stem);
      if (&FindModel(file.Metadata("model")) != &entry()) return false;
      const auto model = CreateModel(file);
      return found(file, model->config());
    });
  }
};

class NeuralCoverage : public GoldenCoverage {};
class LocalCoverage : public GoldenCoverage {};

TEST_P(NeuralCoverage, HasCasesOfTenStepsAndOfEachKindOfColumn) {
  EXPECT_TRUE(HasCase([](const auto&, const auto&) { return true; }))
      << "add some to test/golden, or say .no_counterpart";
  EXPECT_TRUE(HasCase([](const auto& file, const auto&) { return file.Has("losses10"); }));
  if (entry().future_exog) {
    EXPECT_TRUE(HasCase([](const auto&, const auto& c) { return !c.future_exog.empty(); }));
  }
  if (entry().historic_exog) {
    EXPECT_TRUE(HasCase([](const auto&, const auto& c) { return !c.historic_exog.empty(); }));
  }
  if (entry().static_exog) {
    EXPECT_TRUE(HasCase([](const auto&, const auto& c) { return !c.static_exog.empty(); }));
  }
}

// The cases of a local model are in one file of its name.
TEST_P(LocalCoverage, HasCases) {
  std::string stem = entry().name;
  std::ranges::transform(stem, stem.begin(), [](unsigned char c) { return std::tolower(c); });
  EXPECT_FALSE(GoldenFile::Stems(stem).empty());
}

std::vector<const ModelEntry*> WithCounterpart(bool local) {
  std::vector<const ModelEntry*> models(AllModels().begin(), AllModels().end());
  std::erase_if(models, [&](const ModelEntry* entry) {
    return entry->no_counterpart || (entry->make_local != nullptr) != local;
  });
  return models;
}

INSTANTIATE_TEST_SUITE_P(Models, NeuralCoverage, ::testing::ValuesIn(WithCounterpart(false)),
                         [](const auto& info) { return std::string(info.param->name); });
INSTANTIATE_TEST_SUITE_P(Models, LocalCoverage, ::testing::ValuesIn(WithCounterpart(true)),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace nf
