// What a model is made from, for every model of the registry: options and their errors, columns,
// weights.
#include "engine/neural_model.h"

#include <algorithm>
#include <functional>
#include <set>

#include "graph/graph.h"
#include "graph/program.h"
#include "kernels/kernel_table.h"
#include "testing/tiny_models.h"
#include "util/error.h"

namespace nf {
namespace {

class Models : public EveryModel {};
class ModelWeights : public EveryModel {};

void ExpectError(ErrorCode code, const std::vector<std::string>& parts,
                 const std::function<void()>& call) {
  try {
    call();
    ADD_FAILURE() << "no error of " << parts[0];
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    for (const std::string& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }
}

TEST_P(Models, AreFoundByTheirNames) {
  EXPECT_EQ(&FindModel(entry().name), &entry());
  const auto model = TinyModel(entry());
  EXPECT_EQ(model->name(), entry().name);
  EXPECT_EQ(model->alias(), entry().name);
  EXPECT_GT(std::string(entry().doc).size(), 10u);
  EXPECT_GT(std::string(entry().paper).size(), 4u);
}

TEST(Registry, NamesAreUniqueAndErrorsListThem) {
  std::set<std::string> names;
  for (const ModelEntry* entry : AllModels()) {
    EXPECT_TRUE(names.insert(entry->name).second);
  }
  ExpectError(ErrorCode::kOutOfRange, {"NHITZ", *names.begin(), *names.rbegin()},
              [] { FindModel("NHITZ"); });
  for (const ModelEntry* entry : AllModels()) {
    for (const char* other : entry->aliases) EXPECT_TRUE(names.insert(other).second);
  }
}

TEST_P(Models, AreFoundByTheirOtherNamesWhichNameTheirColumns) {
  for (const char* other : entry().aliases) {
    EXPECT_EQ(&FindModel(other), &entry());
    const auto model = NeuralModel::Create(other, TinyConfig(entry()), 1, other);
    EXPECT_EQ(model->name(), entry().name);
    EXPECT_EQ(model->alias(), other);
    // As from a model file: by its name and the resolved configuration.
    EXPECT_EQ(NeuralModel::Create(model->name(), model->ConfigJson(), 1, "file")->alias(), other);
    EXPECT_EQ(
        NeuralModel::Create(other, TinyConfig(entry(), {{"alias", "mine"}}), 1, other)->alias(),
        "mine");
  }
}

TEST_P(Models, DefaultsMakeAModel) {
  const Json config(Json::Object{{"horizon", kHorizon}, {"inputSize", kLookback}});
  const auto model = NeuralModel::Create(entry().name, config, 1, entry().name);
  EXPECT_TRUE(model->num_parameters() > 0 || entry().baseline);
  EXPECT_FALSE(model->fitted());
  EXPECT_EQ(model->weights(), nullptr);
}

TEST_P(Models, ThoseOfSeveralSeriesHaveAnOptionForTheirNumber) {
  const std::vector<std::string> fields = FieldNames(*entry().make_config());
  const bool asks = std::find(fields.begin(), fields.end(), "nSeries") != fields.end();
  EXPECT_EQ(asks, entry().multivariate);
  EXPECT_EQ(TinyModel(entry())->config().series(), asks ? kTogether : 1);
}

// What an entry leaves out of these, no test would try.
TEST_P(Models, TheirOptionsForTestsAreSmallAndTurnEveryDropoutOn) {
  EXPECT_LT(TinyModel(entry())->num_parameters(), 20000) << "give its entry .tiny";
  const Json dropout = Json::Parse(entry().dropout);
  for (const std::string& name : FieldNames(*entry().make_config())) {
    if (name.find("ropout") == std::string::npos) continue;
    const Json* rate = dropout.Find(name);
    EXPECT_TRUE(rate != nullptr && rate->AsNumber() > 0) << "name it in .dropout: " << name;
  }
  TinyModel(entry(), dropout.AsObject());
  TinyModel(entry(), OptionsIn(entry().bench));
}

TEST_P(Models, WrongOptionsNameTheModelTheOptionAndTheWayOut) {
  const std::string name = entry().name;
  auto create = [&](const Json::Object& overrides) {
    return [&, overrides] { TinyModel(entry(), overrides); };
  };
  ExpectError(ErrorCode::kOutOfRange, {name, "horizon"}, create({{"horizon", 0}}));
  ExpectError(ErrorCode::kOutOfRange, {name, "inputSize"}, create({{"inputSize", -3}}));
  ExpectError(ErrorCode::kInvalidArgType, {name, "learningRat", "learningRate"},
              create({{"learningRat", 1}}));
  ExpectError(ErrorCode::kOutOfRange, {name, "scalerType", "robust"},
              create({{"scalerType", "rubost"}}));
  ExpectError(ErrorCode::kOutOfRange, {name, "loss", "MAE"}, create({{"loss", "MEA"}}));
  ExpectError(ErrorCode::kInvalidArgType, {name, "horizon"}, [&] {
    NeuralModel::Create(name, Json(Json::Object{{"inputSize", 4}}), 1, name);
  });
}

TEST_P(Models, LossesAreCheckedAgainstEachOther) {
  auto create = [&](const Json::Object& overrides) {
    return [&, overrides] { TinyModel(entry(), overrides); };
  };
  const auto levels = [](double level) {
    return Json(Json::Object{{"name", "MQLoss"}, {"level", Json::Array{level}}});
  };
  ExpectError(ErrorCode::kUnsupported, {"validLoss", "MQLoss", "0.05", "MAE", "none"},
              create({{"loss", "MAE"}, {"validLoss", "MQLoss"}}));
  ExpectError(ErrorCode::kUnsupported, {"validLoss", "0.05, 0.95", "0.5, 0.1, 0.9"},
              create({{"loss", levels(80)}, {"validLoss", levels(90)}}));
  const Json quantile = Json::Object{{"name", "QuantileLoss"}, {"q", 0.3}};
  ExpectError(ErrorCode::kUnsupported, {"validLoss", "QuantileLoss", "0.3"},
              create({{"loss", "MQLoss"}, {"validLoss", quantile}}));
  for (const char* metric : {"MAE", "RMSE", "SMAPE"}) {
    EXPECT_EQ(
        TinyModel(entry(), {{"loss", "MQLoss"}, {"validLoss", metric}})->config().valid_loss.name,
        metric);
  }
  const Json weighted = Json::Object{{"name", "MAE"}, {"horizonWeight", Json::Array{1, 2}}};
  ExpectError(ErrorCode::kOutOfRange, {"horizonWeight", "4"}, create({{"loss", weighted}}));
  const Json zero = Json::Object{{"name", "MAE"}, {"horizonWeight", Json::Array{0, 0, 0, 0}}};
  ExpectError(ErrorCode::kOutOfRange, {"horizonWeight", "zero"}, create({{"loss", zero}}));
  const Json both =
      Json::Object{{"name", "MQLoss"}, {"level", Json::Array{80}}, {"quantiles", Json::Array{0.5}}};
  ExpectError(ErrorCode::kOutOfRange, {"level", "quantiles"}, create({{"loss", both}}));
  EXPECT_EQ(TinyModel(entry(), {{"loss", "MSE"}})->config().valid_loss.name, "MSE");
}

TEST(Registry, ExogenousColumnsAreNamedOnce) {
  int takers = 0;
  for (const ModelEntry* entry : NeuralModels()) {
    if (!entry->future_exog) continue;
    ++takers;
    ExpectError(ErrorCode::kOutOfRange, {"futureExog", "'a'"}, [&] {
      TinyModel(*entry, {{"futureExog", Json::Array{"a", "b", "a"}}});
    });
  }
  EXPECT_GT(takers, 0);
}

TEST_P(Models, OutputColumnsAreNamedByAliasAndQuantile) {
  const Json loss = Json::Object{{"name", "MQLoss"}, {"level", Json::Array{80, 97.5}}};
  const auto model = TinyModel(entry(), {{"alias", "mine"}, {"loss", loss}});
  EXPECT_EQ(model->OutputColumns(), (std::vector<std::string>{"mine", "mine-lo-97.5", "mine-lo-80",
                                                              "mine-hi-80", "mine-hi-97.5"}));
  EXPECT_EQ(model->point_output(), 0);
  EXPECT_EQ(model->graph().tensor(model->graph().output).size,
            kHorizon * model->config().series() * 5);
}

TEST_P(ModelWeights, EveryParameterHasItsOwnPlace) {
  const auto model = TinyModel(entry(), {{"scalerType", "revin"}});
  const Graph& graph = model->graph();
  std::set<std::string> names;
  int64_t end = 0, count = 0;
  for (TensorId id : graph.parameters) {
    const TensorInfo& p = graph.tensor(id);
    EXPECT_TRUE(names.insert(p.name).second) << p.name;
    EXPECT_GE(p.offset, end) << p.name;
    end = p.offset + p.size;
    count += p.size;
  }
  EXPECT_LE(end, graph.slab_size);
  EXPECT_EQ(count, model->num_parameters());
  EXPECT_GT(Program(graph, BestKernels(), Mode::kTrain).Flops(),
            Program(graph, BestKernels(), Mode::kInfer).Flops());
}

TEST_P(ModelWeights, TensorsThatDoNotFitAreRefused) {
  const auto model = TinyModel(entry()), wider = TinyModel(entry(), {{"loss", "MQLoss"}});
  SafetensorsFile file;
  const std::vector<float> slab = wider->InitialParameters();
  wider->AppendTensors("", slab, file.tensors);
  ExpectError(ErrorCode::kCorruptModel, {"shape"}, [&] { model->ReadTensors("", file); });
  file.tensors.pop_back();
  ExpectError(ErrorCode::kCorruptModel, {"missing"}, [&] { wider->ReadTensors("", file); });
  EXPECT_THROW(model->SetWeights(std::vector<float>(3)), Error);
}

NF_FOR_EVERY_MODEL(Models);
NF_FOR_LEARNING_MODELS(ModelWeights);

}  // namespace
}  // namespace nf
