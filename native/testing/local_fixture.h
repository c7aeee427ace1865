// For the tests of local models: series with timestamps, and small configurations of every one.
#ifndef NF_TESTING_LOCAL_FIXTURE_H_
#define NF_TESTING_LOCAL_FIXTURE_H_

#include <algorithm>
#include <memory>
#include <vector>

#include "model/model.h"
#include "testing/tiny_models.h"

namespace nf {

constexpr double kDayMs = 86400000.0;
// The toy series by day, long enough for a weekly seasonality.
inline Panel DailyPanel() {
  Panel panel = ToyPanel();
  std::vector<double> ds;
  for (int64_t s = 0; s < panel.num_series(); ++s)
    for (int64_t i = 0; i < panel.length(s); ++i)
      ds.push_back(1.5e12 + static_cast<double>(i + s) * kDayMs);
  panel.ds = Column(std::span<const double>(ds), false);
  panel.ds_step = 0;
  return panel;
}

// One series of a panel, as a panel.
inline Panel Only(const Panel& source, int64_t series) {
  std::vector<double> y(static_cast<size_t>(source.length(series))), ds(y);
  source.y.Read(source.offsets[static_cast<size_t>(series)], y);
  source.ds.Read(source.offsets[static_cast<size_t>(series)], ds);
  Panel panel;
  panel.offsets = {0, static_cast<int64_t>(y.size())};
  panel.y = Column(std::span<const double>(y), false);
  panel.ds = Column(std::span<const double>(ds), false);
  panel.ds_step = 0;
  return panel;
}

// What a model has learned, as a model file holds it.
struct Learned {
  std::vector<TensorView> tensors;
  std::shared_ptr<const void> kept;

  explicit Learned(const Model& model) { kept = model.Write("", tensors); }
  bool operator==(const Learned& other) const {
    return std::equal(tensors.begin(), tensors.end(), other.tensors.begin(), other.tensors.end(),
                      [](const TensorView& a, const TensorView& b) {
                        return a.name == b.name && a.shape == b.shape &&
                               std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(),
                                          b.bytes.end());
                      });
  }
};

// TEST_P runs once for each local model of the registry.
class EveryLocalModel : public ::testing::TestWithParam<const ModelEntry*> {
 protected:
  const ModelEntry& entry() const { return *GetParam(); }

  std::unique_ptr<Model> Make(const Json::Object& overrides = {}) {
    return Make(engine_, overrides);
  }
  std::unique_ptr<Model> Make(Engine& engine, const Json::Object& overrides = {}) const {
    Json config(Json::Object{{"horizon", kHorizon}, {"inputSize", kLookback}});
    return Model::Create(engine, entry().name,
                         Overlay(Overlay(config, OptionsIn(entry().tiny)), overrides), 1,
                         entry().name);
  }

  Engine engine_{{.num_threads = 2, .pool = {}}};
  const Panel panel_ = DailyPanel();
};

inline std::vector<const ModelEntry*> LocalModels() {
  std::vector<const ModelEntry*> models;
  for (const ModelEntry* entry : AllModels())
    if (entry->make_local != nullptr) models.push_back(entry);
  return models;
}

#define NF_FOR_EVERY_LOCAL_MODEL(Suite)                                       \
  INSTANTIATE_TEST_SUITE_P(Models, Suite, ::testing::ValuesIn(LocalModels()), \
                           [](const auto& info) { return std::string(info.param->name); })

}  // namespace nf

#endif  // NF_TESTING_LOCAL_FIXTURE_H_
