#include "model/bundle.h"

#include <chrono>
#include <cmath>
#include <functional>
#include <limits>

#include "gtest/gtest.h"
#include "store/safetensors.h"
#include "testing/local_fixture.h"
#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

Engine& TestEngine() {
  static Engine engine({.num_threads = 1, .pool = {}});
  return engine;
}

Bundle Decode(std::span<const uint8_t> bytes) { return DecodeBundle(bytes, TestEngine()); }

// With weights that need no training.
std::unique_ptr<Model> MakeModel(const char* name, const char* config, uint64_t seed) {
  auto model = NeuralModel::Create(name, Json::Parse(config), seed, name);
  model->SetWeights(model->InitialParameters());
  return MakeNeural(TestEngine(), std::move(model));
}

std::unique_ptr<Model> Small(uint64_t seed = 7) {
  return MakeModel("NLinear", R"({"horizon": 3, "inputSize": 5, "alias": "small"})", seed);
}

Column MakeColumn(std::vector<double> values) {
  return Column(std::span<const double>(values), /*compact=*/false);
}

// Three series, of 4, 0 and 3 rows.
Panel MakePanel() {
  Panel panel;
  panel.offsets = {0, 4, 4, 7};
  panel.y = MakeColumn({1, 2, NAN, 4, 1e300, -0.0, 1.0 / 3});
  panel.mask = {1, 1, 0, 1, 1, 1, 1};
  panel.historic_names = {"volume", "é"};
  panel.historic.push_back(MakeColumn({1, 2, 3, 4, 5, 6, 7}));
  panel.historic.push_back(MakeColumn({7, 6, 5, 4, 3, 2, 1}));
  panel.future_names = {"holiday"};
  panel.future.push_back(MakeColumn({0, 1, 0, 1, 0, 1, 0}));
  panel.static_names = {"size", "kind"};
  panel.statics = {1, 2, 3, 4, 5, 6.5f};
  return panel;
}

std::vector<double> Values(const Column& column) {
  std::vector<double> values(static_cast<size_t>(column.size()));
  column.Read(0, values);
  return values;
}

std::vector<uint8_t> Encode(const Model& model, const Panel* panel) {
  const Model* models[] = {&model};
  return EncodeBundle("{}", models, panel);
}

// The error's message, or "" when there is none.
std::string CorruptMessage(std::span<const uint8_t> bytes) {
  try {
    Decode(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruptModel) << error.what();
    return error.what();
  }
  return "";
}

TEST(Bundle, RestoresEveryPart) {
  const auto first = Small();
  const auto second =
      MakeModel("MLP", R"({"horizon": 2, "inputSize": 4, "hiddenSize": 8, "scalerType": "robust"})",
                (uint64_t{1} << 53) - 1);
  const Panel panel = MakePanel();
  const Model* models[] = {first.get(), second.get()};
  const std::string header = R"({"ids": ["é", "\u0000"]})";
  const Bundle bundle = Decode(EncodeBundle(header, models, &panel));

  EXPECT_EQ(bundle.header, header);
  ASSERT_EQ(bundle.models.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(bundle.models[i]->facts().name, models[i]->facts().name);
    EXPECT_EQ(bundle.models[i]->facts().seed, models[i]->facts().seed);
    EXPECT_EQ(bundle.models[i]->ConfigJson(), models[i]->ConfigJson());
    EXPECT_EQ(Learned(*bundle.models[i]), Learned(*models[i]));
  }
  ASSERT_NE(bundle.panel, nullptr);
  EXPECT_EQ(bundle.panel->offsets, panel.offsets);
  EXPECT_EQ(bundle.panel->mask, panel.mask);
  const auto y = Values(bundle.panel->y), expected = Values(panel.y);
  ASSERT_EQ(y.size(), expected.size());
  for (size_t i = 0; i < y.size(); ++i) {
    if (panel.mask[i]) {
      EXPECT_EQ(y[i], expected[i]) << i;
    }
  }
  EXPECT_EQ(bundle.panel->historic_names, panel.historic_names);
  EXPECT_EQ(bundle.panel->future_names, panel.future_names);
  EXPECT_EQ(bundle.panel->static_names, panel.static_names);
  EXPECT_EQ(Values(bundle.panel->historic[1]), Values(panel.historic[1]));
  EXPECT_EQ(Values(bundle.panel->future[0]), Values(panel.future[0]));
  EXPECT_EQ(bundle.panel->statics, panel.statics);
}

TEST(Bundle, HeaderAloneAndNoPanel) {
  const auto model = Small();
  const auto bytes = Encode(*model, nullptr);
  EXPECT_EQ(BundleHeader(bytes), "{}");
  EXPECT_EQ(Decode(bytes).panel, nullptr);
}

TEST(Bundle, EmptyPanel) {
  const auto model = Small();
  Panel panel;
  panel.offsets = {0};
  const Bundle bundle = Decode(Encode(*model, &panel));
  ASSERT_NE(bundle.panel, nullptr);
  EXPECT_EQ(bundle.panel->num_series(), 0);
}

TEST(Bundle, ModelWithoutWeightsIsRefused) {
  const auto model = Model::Create(TestEngine(), "NLinear",
                                   Json::Parse(R"({"horizon": 3, "inputSize": 5})"), 1, "NLinear");
  try {
    Encode(*model, nullptr);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFitted);
  }
}

TEST(Bundle, EveryTruncationIsNamed) {
  const auto model = Small();
  const Panel panel = MakePanel();
  const auto bytes = Encode(*model, &panel);
  for (size_t length = 0; length < bytes.size(); ++length)
    ASSERT_NE(CorruptMessage(std::span(bytes).first(length)), "") << length;
}

TEST(Bundle, RandomDamageNeverDoesMoreThanFail) {
  const auto model = Small();
  const Panel panel = MakePanel();
  const auto bytes = Encode(*model, &panel);
  Philox random(1, RngStream::kInit, 0, 0);
  int named = 0;
  for (int round = 0; round < 5000; ++round) {
    auto damaged = bytes;
    for (uint64_t i = 0, n = 1 + random.NextBelow(4); i < n; ++i)
      damaged[random.NextBelow(damaged.size())] = static_cast<uint8_t>(random.NextU32());
    named += CorruptMessage(damaged) != "";
  }
  EXPECT_GT(named, 1000);
}

// A well-formed safetensors file whose contents do not fit together.
struct Fault {
  const char* name;
  std::function<void(SafetensorsFile&)> damage;
  const char* message;  // part of the error's
};

void SetMetadata(SafetensorsFile& file, const std::string& key, const std::string& value) {
  for (auto& [k, v] : file.metadata)
    if (k == key) v = value;
}

void EraseMetadata(SafetensorsFile& file, const std::string& key) {
  std::erase_if(file.metadata, [&](const auto& entry) { return entry.first == key; });
}

// Keeps its bytes for as long as the test runs.
template <class T>
void SetTensor(SafetensorsFile& file, const std::string& name, std::vector<T> values,
               std::vector<int64_t> shape) {
  static std::vector<std::shared_ptr<std::vector<T>>> keep;
  keep.push_back(std::make_shared<std::vector<T>>(std::move(values)));
  for (TensorView& tensor : file.tensors)
    if (tensor.name == name) {
      tensor.shape = std::move(shape);
      tensor.bytes = {reinterpret_cast<const uint8_t*>(keep.back()->data()),
                      keep.back()->size() * sizeof(T)};
    }
}

void EraseTensor(SafetensorsFile& file, const std::string& name) {
  std::erase_if(file.tensors, [&](const auto& tensor) { return tensor.name == name; });
}

// In a metadata text, the first time it stands there.
void Rename(SafetensorsFile& file, const std::string& key, const std::string& from,
            const std::string& to) {
  for (auto& [k, v] : file.metadata)
    if (k == key) v.replace(v.find(from), from.size(), to);
}

constexpr char kFromPython[] = R"({"version":"python"})";

std::string ModelsJson(const char* text) { return std::string("[") + text + "]"; }

const Fault kFaults[] = {
    {"Format", [](auto& f) { SetMetadata(f, "format", "pt"); }, "not a model file"},
    {"Version", [](auto& f) { SetMetadata(f, "formatVersion", "2"); }, "format version 2"},
    {"Header", [](auto& f) { EraseMetadata(f, "header"); }, "'header'"},
    {"Models", [](auto& f) { EraseMetadata(f, "models"); }, "'models'"},
    {"ModelsText", [](auto& f) { SetMetadata(f, "models", "[{"); }, "'models'"},
    {"ModelsKind", [](auto& f) { SetMetadata(f, "models", "{}"); }, "array"},
    {"ModelName",
     [](auto& f) {
       SetMetadata(f, "models",
                   ModelsJson(R"({"name":"Oracle","config":{},"seed":1,"prefix":"models.0."})"));
     },
     "Oracle"},
    {"ModelConfig",
     [](auto& f) {
       SetMetadata(f, "models",
                   ModelsJson(R"({"name":"NLinear","config":{},"seed":1,"prefix":"models.0."})"));
     },
     "horizon"},
    {"ModelShape",
     [](auto& f) {
       SetMetadata(f, "header", kFromPython);
       SetMetadata(f, "models", ModelsJson(R"({"name":"NLinear","seed":1,"prefix":"models.0.",
           "config":{"horizon":3,"inputSize":6}})"));
     },
     "has the shape [3,5], and the model's configuration asks for [3,6]"},
    {"ModelOptions",
     [](auto& f) {
       SetMetadata(f, "models", ModelsJson(R"({"name":"NLinear","seed":1,"prefix":"models.0.",
           "config":{"horizon":3,"inputSize":5}})"));
     },
     "NLinear.maxSteps is missing"},
    {"ModelOption", [](auto& f) { Rename(f, "models", "scalerType", "scalerTipe"); },
     "no option 'scalerTipe'"},
    {"ModelOptionNull", [](auto& f) { Rename(f, "models", "\"identity\"", "null"); },
     "NLinear.scalerType is missing"},
    {"ModelLoss",
     [](auto& f) { Rename(f, "models", "\"validLoss\":{\"name\":\"MAE\",", "\"validLoss\":{"); },
     "validLoss is missing"},
    {"ModelMember", [](auto& f) { Rename(f, "models", "\"seed\"", "\"sead\""); },
     "models[0] has the unknown member 'sead'"},
    {"ModelPrefix", [](auto& f) { Rename(f, "models", "models.0.", "models.1."); },
     "another prefix"},
    {"HeaderTwice", [](auto& f) { SetMetadata(f, "header", R"({"a":1,"a":2})"); }, "stands twice"},
    {"Metadata", [](auto& f) { f.metadata.emplace_back("more", ""); },
     "metadata has the unknown member 'more'"},
    {"TensorMore",
     [](auto& f) {
       f.tensors.push_back(f.tensors.back());
       f.tensors.back().name = "more";
     },
     "it has 10 tensors, and its models and series have 9"},
    {"PanelMember", [](auto& f) { Rename(f, "panel", "static", "statics"); },
     "'panel' has the unknown member 'statics'"},
    {"PanelTwice", [](auto& f) { Rename(f, "panel", "é", "volume"); }, "a column twice"},
    {"TimesStep", [](auto& f) { Rename(f, "panel", "{", "{\"dsStep\":0.5,"); }, "dsStep"},
    {"TimesHuge", [](auto& f) { Rename(f, "panel", "{", "{\"dsStep\":1e300,"); }, "dsStep"},
    {"MaskValue",
     [](auto& f) {
       SetTensor<uint8_t>(f, "panel.mask", {1, 1, 0, 1, 1, 1, 2}, {7});
     },
     "other bytes than 0 and 1"},
    {"HistoricNaN",
     [](auto& f) {
       SetTensor<double>(f, "panel.historic.0", {1, 2, 3, NAN, 5, 6, 7}, {7});
     },
     "row 3 of 'panel.historic.0'"},
    {"StaticInfinite",
     [](auto& f) {
       SetTensor<float>(f, "panel.statics", {1, 2, 3, 4, 5, INFINITY}, {3, 2});
     },
     "panel.statics"},
    {"ModelSeed",
     [](auto& f) {
       SetMetadata(f, "models", ModelsJson(R"({"name":"NLinear","seed":-1,"prefix":"models.0.",
           "config":{"horizon":3,"inputSize":5}})"));
     },
     "seed"},
    {"OffsetsStart",
     [](auto& f) {
       SetTensor<int64_t>(f, "panel.offsets", {1, 4, 4, 7}, {4});
     },
     "offsets"},
    {"OffsetsFall",
     [](auto& f) {
       SetTensor<int64_t>(f, "panel.offsets", {0, 5, 4, 7}, {4});
     },
     "offsets"},
    {"OffsetsEnd",
     [](auto& f) {
       SetTensor<int64_t>(f, "panel.offsets", {0, 4, 4, 8}, {4});
     },
     "panel.y"},
    {"OffsetsHuge",
     [](auto& f) {
       SetTensor<int64_t>(f, "panel.offsets", {0, 4, 4, std::numeric_limits<int64_t>::max()}, {4});
     },
     "panel.y"},
    {"OffsetsEmpty", [](auto& f) { SetTensor<int64_t>(f, "panel.offsets", {}, {0}); }, "offsets"},
    {"Mask",
     [](auto& f) {
       SetTensor<uint8_t>(f, "panel.mask", {1, 1}, {2});
     },
     "panel.mask"},
    {"HiddenNaN", [](auto& f) { EraseTensor(f, "panel.mask"); }, "row 2 of 'panel.y'"},
    {"Historic", [](auto& f) { EraseTensor(f, "panel.historic.1"); }, "panel.historic.1"},
    {"Future", [](auto& f) { SetTensor<double>(f, "panel.future.0", {1}, {1}); }, "panel.future.0"},
    {"Statics",
     [](auto& f) {
       SetTensor<float>(f, "panel.statics", {1, 2, 3}, {3, 1});
     },
     "panel.statics"},
    {"Names",
     [](auto& f) { SetMetadata(f, "panel", R"({"historic":[1],"future":[],"static":[]})"); },
     "a string"},
    {"Weight",
     [](auto& f) {
       for (const TensorView& t : std::vector(f.tensors))
         if (t.name.starts_with("models.0.") && t.shape.size() == 1)
           SetTensor<float>(f, t.name, std::vector<float>(t.NumElements(), NAN), t.shape);
     },
     "not finite"},
};

TEST(Bundle, WhatPythonWroteLeavesOptionsOut) {
  const auto model = Small();
  const auto bytes = Encode(*model, nullptr);
  SafetensorsFile file = ReadSafetensors(bytes);
  SetMetadata(file, "header", kFromPython);
  SetMetadata(file, "models", ModelsJson(R"({"name":"NLinear","seed":1,"prefix":"models.0.",
      "config":{"horizon":3,"inputSize":5}})"));
  EXPECT_EQ(Learned(*Decode(WriteSafetensors(file)).models[0]), Learned(*model));
}

// Compared before anything is built: 100,000 steps of a basis would take gigabytes.
TEST(Bundle, AHugeHorizonIsRefusedBeforeItIsBuilt) {
  const auto model =
      MakeModel("NBEATS", R"({"horizon": 3, "inputSize": 5, "mlpUnits": [[8, 8]]})", 1);
  const auto bytes = Encode(*model, nullptr);
  SafetensorsFile file = ReadSafetensors(bytes);
  Rename(file, "models", "\"horizon\":3", "\"horizon\":100000");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_NE(CorruptMessage(WriteSafetensors(file)).find("has the shape"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(500));
}

class BundleFault : public testing::TestWithParam<Fault> {};

TEST_P(BundleFault, IsNamed) {
  const auto model = Small();
  const Panel panel = MakePanel();
  const auto bytes = Encode(*model, &panel);
  SafetensorsFile file = ReadSafetensors(bytes);
  GetParam().damage(file);
  const std::string message = CorruptMessage(WriteSafetensors(file));
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(All, BundleFault, testing::ValuesIn(kFaults),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace nf
