// For the tests of training and prediction: toy series, and small configurations of every model in
// the registry (no test names one).
#ifndef NF_TESTING_TINY_MODELS_H_
#define NF_TESTING_TINY_MODELS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "data/panel.h"
#include "engine/neural_model.h"
#include "models/registry.h"

namespace nf {

constexpr int64_t kLookback = 12, kHorizon = 4;
constexpr int64_t kSeriesLengths[] = {90, 61, 75};
constexpr int64_t kTogether = std::size(kSeriesLengths);  // nSeries of multivariate models

// Three series of two sines and a little of the exogenous columns, all of them positive: "hist",
// "fut", "stat". Aligned: all of the same rows.
inline Panel ToyPanel(bool aligned = false) {
  Panel panel;
  panel.offsets = {0};
  std::vector<double> y, hist, fut;
  for (size_t s = 0; s < std::size(kSeriesLengths); ++s) {
    const int64_t length = aligned ? 75 : kSeriesLengths[s];
    panel.offsets.push_back(panel.offsets.back() + length);
    const double stat = 0.5 + 0.25 * static_cast<double>(s);
    for (int64_t t = 0; t < length; ++t) {
      const double time = static_cast<double>(t), phase = static_cast<double>(s);
      hist.push_back(2.0 + std::cos(0.35 * time + phase));
      fut.push_back(2.0 + std::sin(0.2 * time));
      y.push_back(3.0 + std::sin(0.5 * time + phase) + 0.5 * std::sin(1.1 * time) +
                  0.1 * hist.back() + 0.1 * fut.back() + 0.1 * stat);
    }
    panel.statics.push_back(static_cast<float>(stat));
  }
  panel.y = Column(std::span<const double>(y), false);
  panel.historic_names = {"hist"};
  panel.historic.emplace_back(std::span<const double>(hist), false);
  panel.future_names = {"fut"};
  panel.future.emplace_back(std::span<const double>(fut), false);
  panel.static_names = {"stat"};
  return panel;
}

// The same times, but noise around zero: what nothing learned from ToyPanel fits.
inline Panel NoisePanel(bool aligned = false) {
  Panel panel = ToyPanel(aligned);
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (int64_t i = 0; i < panel.num_rows(); ++i) panel.y.Write(i, normal(random));
  return panel;
}

inline Json& Overlay(Json& config, const Json::Object& members) {
  for (const auto& [name, value] : members) config.Set(name, value);
  return config;
}

// The options of one of the JSON texts of an entry.
inline Json::Object OptionsIn(const char* text) { return Json::Parse(text).AsObject(); }

// Small and quick, whatever the model, and without dropout.
inline Json TinyConfig(const ModelEntry& entry, const Json::Object& overrides = {}) {
  Json config(Json::Object{{"horizon", kHorizon},
                           {"inputSize", kLookback},
                           {"scalerType", "identity"},
                           {"numLrDecays", -1},
                           {"learningRate", 5e-3},
                           {"windowsBatchSize", 48},
                           {"maxSteps", 20}});
  for (const auto& [name, value] : OptionsIn(entry.dropout)) config.Set(name, 0.0);
  if (entry.multivariate) config.Set("nSeries", kTogether);
  return Overlay(Overlay(config, OptionsIn(entry.tiny)), overrides);
}

inline std::unique_ptr<NeuralModel> TinyModel(const ModelEntry& entry,
                                              const Json::Object& overrides = {},
                                              uint64_t seed = 1) {
  return NeuralModel::Create(entry.name, TinyConfig(entry, overrides), seed, entry.name);
}

// A change of a model's options, and what to call it.
struct Variant {
  std::string label;
  Json::Object overrides;
};

// The defaults; every switch turned over; every choice of every option that has choices; dropout.
inline std::vector<Variant> EveryOption(const ModelEntry& entry) {
  std::vector<Variant> variants = {{"defaults", {}}};
  const Json::Object dropout = OptionsIn(entry.dropout);
  if (!dropout.empty()) variants.push_back({"dropout", dropout});
  const Json fields = DescribeFields(*entry.make_config());
  for (const Json& field : fields.AsArray()) {
    const std::string &name = field.At("name").AsString(), &type = field.At("type").AsString();
    if (type == "boolean") variants.push_back({name, {{name, !field.At("default").AsBool()}}});
    const Json* choices = field.Find("choices");
    if (choices == nullptr) continue;
    for (const Json& choice : choices->AsArray()) {
      Json value = choice;
      if (type == "string[]") {
        value = Json::Array(field.At("default").AsArray().size(), choice);
      }
      variants.push_back({name + " " + choice.AsString(), {{name, value}}});
    }
  }
  return variants;
}

// The losses that it takes: a forecast step by step has no implicit quantile to feed back.
inline std::vector<std::string> LossesOf(const ModelEntry& entry) {
  const bool feeds_back = TinyModel(entry)->config().feeds_back();
  std::vector<std::string> names = LossNames();
  std::erase_if(names, [&](const std::string& name) {
    LossConfig loss;
    loss.name = name;
    return feeds_back && loss.any_quantile() && !loss.is_distribution();
  });
  return names;
}

// The kinds of exogenous inputs that the model takes: none, each alone, all.
inline std::vector<Variant> ExogenousLayouts(const ModelEntry& entry) {
  std::vector<Variant> variants;
  Json::Object all;
  auto add = [&](bool supported, const char* option, const char* column) {
    if (!supported) return;
    const Json names = Json::Array{column};
    variants.push_back({option, {{option, names}}});
    all.emplace_back(option, names);
  };
  add(entry.future_exog, "futureExog", "fut");
  add(entry.historic_exog, "historicExog", "hist");
  add(entry.static_exog, "staticExog", "stat");
  if (variants.size() > 1) variants.push_back({"all", all});
  return variants;
}

// The models that have a graph. Those that are fitted to each series by itself have tests of their
// own (testing/local_fixture.h).
inline std::vector<const ModelEntry*> NeuralModels() {
  std::vector<const ModelEntry*> models;
  for (const ModelEntry* entry : AllModels())
    if (entry->build != nullptr) models.push_back(entry);
  return models;
}

// Those that are asked to learn.
inline std::vector<const ModelEntry*> LearningModels() {
  std::vector<const ModelEntry*> models = NeuralModels();
  std::erase_if(models, [](const ModelEntry* entry) { return entry->baseline; });
  return models;
}

// Suites over the registry: TEST_P runs once for each neural model.
class EveryModel : public ::testing::TestWithParam<const ModelEntry*> {
 protected:
  const ModelEntry& entry() const { return *GetParam(); }
  // As the model takes them.
  Panel ToyPanel() const { return nf::ToyPanel(entry().multivariate); }
  Panel NoisePanel() const { return nf::NoisePanel(entry().multivariate); }
};

#define NF_FOR_MODELS(Suite, list)                                   \
  INSTANTIATE_TEST_SUITE_P(Models, Suite, ::testing::ValuesIn(list), \
                           [](const auto& info) { return std::string(info.param->name); })
#define NF_FOR_EVERY_MODEL(Suite) NF_FOR_MODELS(Suite, NeuralModels())
// What a baseline has nothing for: weights that the data decide.
#define NF_FOR_LEARNING_MODELS(Suite) NF_FOR_MODELS(Suite, LearningModels())

}  // namespace nf

#endif  // NF_TESTING_TINY_MODELS_H_
