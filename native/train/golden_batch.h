// For the golden tests of models: a case's model, its batch and its expected parameter slabs.
#ifndef NF_TRAIN_GOLDEN_BATCH_H_
#define NF_TRAIN_GOLDEN_BATCH_H_

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "models/model.h"
#include "train/golden_data.h"

namespace nf {

// Files that hold a model's case.
inline std::vector<std::string> ModelStems() {
  std::vector<std::string> stems;
  for (const std::string& stem : GoldenFile::Stems("")) {
    if (GoldenFile(stem).file().FindMetadata("model") != nullptr) stems.push_back(stem);
  }
  return stems;
}

inline std::unique_ptr<Model> CreateModel(const GoldenFile& file) {
  return Model::Create(file.Metadata("model"), Json::Parse(file.Metadata("config")), 1,
                       file.Metadata("model"));
}

// Compares a slab with the tensors "<prefix><parameter>".
inline void ExpectSlab(const GoldenFile& file, const Graph& graph, const std::string& prefix,
                       const float* slab, double tolerance) {
  for (TensorId id : graph.parameters) {
    const TensorInfo& p = graph.tensor(id);
    EXPECT_TRUE(Close(std::span<const float>(file.Floats(prefix + p.name)),
                      std::span<const float>(slab + p.offset, static_cast<size_t>(p.size)),
                      tolerance))
        << prefix << p.name;
  }
}

struct GoldenBatch {
  int64_t rows = 0, horizon = 0, outputs = 0;
  std::array<std::vector<float>, kNumInputs> inputs;  // by Input
  std::vector<float> y, weight;
  double weights = 0;
};

inline GoldenBatch ReadBatch(const GoldenFile& file, const LossConfig& loss) {
  constexpr const char* kNames[] = {"insample_y", "insample_mask", "hist_exog", "futr_exog",
                                    "stat_exog"};
  GoldenBatch b;
  const std::vector<int64_t>& shape = file.Shape("forecast");
  b.rows = shape[0], b.horizon = shape[1], b.outputs = shape[2];
  for (size_t i = 0; i < b.inputs.size(); ++i) {
    if (file.Has(kNames[i])) b.inputs[i] = file.Floats(kNames[i]);
  }
  b.y = file.Floats("outsample_y");
  b.weight = file.Floats("outsample_mask");
  for (size_t i = 0; i < b.weight.size(); ++i) {
    if (!loss.horizon_weight.empty())
      b.weight[i] *= static_cast<float>(loss.horizon_weight[i % static_cast<size_t>(b.horizon)]);
    b.weights += b.weight[i];
  }
  return b;
}

}  // namespace nf

#endif  // NF_TRAIN_GOLDEN_BATCH_H_
