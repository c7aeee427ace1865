// What a model takes before it is trained: recording is quick and small at any valid options, and
// what is fixed in it is no more than what it learns.
#include <ctime>
#include <map>

#include "graph/program.h"
#include "kernels/kernel_table.h"
#include "testing/tiny_models.h"
#include "util/error.h"

namespace nf {
namespace {

class ModelSize : public EveryModel {};

// The defaults of the model, not those of small tests.
std::unique_ptr<NeuralModel> Create(const ModelEntry& entry, const Json::Object& options) {
  return NeuralModel::Create(entry.name, Json(options), 1, entry.name);
}

const Json kNineLevels =
    Json::Object{{"name", "MQLoss"}, {"level", Json::Array{10, 20, 30, 40, 50, 60, 70, 80, 90}}};

const Json::Object kLarge[] = {
    {{"horizon", 720}, {"inputSize", 1440}, {"loss", kNineLevels}},
    {{"horizon", 20000}, {"inputSize", 20000}},
    {{"horizon", 20000}, {"inputSize", 100}, {"loss", kNineLevels}},
    {{"horizon", 100000}, {"inputSize", 1000000}, {"loss", kNineLevels}},
};

// Of a training program: constants, and what one row of a batch takes.
struct Floats {
  int64_t constants = 0, row = 0;
};

Floats FloatsOf(const NeuralModel& model) {
  Floats floats;
  std::map<std::array<int64_t, 8>, int64_t> known;
  for (const auto& op : model.graph().ops) {
    for (const PackRequest& pack : op->packs) {
      if (pack.weight != kNoTensor) continue;
      known[pack.key] = pack.size(BestKernels()).bytes / static_cast<int64_t>(sizeof(float));
    }
  }
  for (const auto& [matrix, size] : known) floats.constants += size;
  for (const TensorInfo& info : model.graph().tensors) {
    if (info.kind == TensorKind::kActivation) floats.row += info.size;
  }
  return floats;
}

TEST_P(ModelSize, RecordingIsQuickAtAnySize) {
  for (const Json::Object& options : kLarge) {
    const std::clock_t begin = std::clock();
    const auto model = Create(entry(), options);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 0.1) << Json(options).Dump();
    EXPECT_GT(model->num_parameters(), 0);
  }
}

TEST_P(ModelSize, WhatIsFixedIsNoMoreThanWhatIsLearned) {
  constexpr int64_t kSmall = int64_t{1} << 23;  // 32 MB
  for (const Json::Object& options : kLarge) {
    const auto model = Create(entry(), options);
    const Floats floats = FloatsOf(*model);
    EXPECT_LE(floats.constants, std::max(kSmall, model->num_parameters() + floats.row))
        << Json(options).Dump();
  }
}

NF_FOR_LEARNING_MODELS(ModelSize);

// Blocks have bases of their own only where they differ.
TEST(ModelSizes, BlocksOfAStackShareTheirBases) {
  const auto packed = [](int64_t blocks) {
    const auto model = NeuralModel::Create(
        "NBEATS",
        Json::Object{{"horizon", 24}, {"inputSize", 48}, {"nBlocks", Json::Array{1, 1, blocks}}}, 1,
        "NBEATS");
    return FloatsOf(*model).constants;
  };
  EXPECT_EQ(packed(5), packed(1));
}

TEST(ModelSizes, OptionsThatMakeNoModelAreRefusedQuickly) {
  Json::Array stacks, blocks, units;
  for (int i = 0; i < 100; ++i) {
    stacks.emplace_back("identity");
    blocks.emplace_back(100);
    units.emplace_back(Json::Array{8, 8});
  }
  for (const char* name : {"NBEATS", "NHITS"}) {
    Json::Object options = {{"horizon", 4},
                            {"inputSize", 8},
                            {"stackTypes", stacks},
                            {"nBlocks", blocks},
                            {"mlpUnits", units}};
    if (std::string(name) == "NHITS") {
      options.emplace_back("nPoolKernelSize", Json::Array(100, 1));
      options.emplace_back("nFreqDownsample", Json::Array(100, 1));
    }
    const std::clock_t begin = std::clock();
    try {
      NeuralModel::Create(name, Json(options), 1, name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kOutOfRange) << error.what();
    }
    EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 0.1) << name;
  }
}

}  // namespace
}  // namespace nf
