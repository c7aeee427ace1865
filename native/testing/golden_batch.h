// For the golden tests of models: a case's model, its batch and its expected parameter slabs.
#ifndef NF_TESTING_GOLDEN_BATCH_H_
#define NF_TESTING_GOLDEN_BATCH_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/neural_model.h"
#include "graph/graph.h"
#include "testing/golden_data.h"

namespace nf {

// Files that hold a model's case.
inline std::vector<std::string> ModelStems() {
  std::vector<std::string> stems;
  for (const std::string& stem : GoldenFile::Stems("")) {
    if (GoldenFile(stem).file().FindMetadata("model") != nullptr) stems.push_back(stem);
  }
  return stems;
}

inline std::unique_ptr<NeuralModel> CreateModel(const GoldenFile& file) {
  return NeuralModel::Create(file.Metadata("model"), Json::Parse(file.Metadata("config")), 1,
                             file.Metadata("model"));
}

inline std::span<const float> SlabPart(const TensorInfo& p, const float* slab) {
  return {slab + p.offset, static_cast<size_t>(p.size)};
}

// Compares a slab of gradients with the tensors "grad/<parameter>". A gradient that is zero for
// every batch (the bias of attention's keys) leaves only rounding, to be small beside the others.
inline void ExpectGradients(const GoldenFile& file, const Graph& graph, const float* slab,
                            double tolerance) {
  float largest = 0;
  for (int64_t i = 0; i < graph.slab_size; ++i) largest = std::max(largest, std::abs(slab[i]));
  for (TensorId id : graph.parameters) {
    const TensorInfo& p = graph.tensor(id);
    const std::vector<float> expected = file.Floats("grad/" + p.name);
    const auto got = SlabPart(p, slab);
    if (std::any_of(expected.begin(), expected.end(), [](float g) { return g != 0; })) {
      EXPECT_TRUE(Close(std::span<const float>(expected), got, tolerance)) << p.name;
      continue;
    }
    for (float g : got) EXPECT_LE(std::abs(g), tolerance * largest) << p.name;
  }
}

// Compares parameters after some steps with the tensors "after10/<parameter>". Where the gradient
// is zero, Adam makes whole steps of its rounding: such elements are free, and nothing depends on
// them.
inline void ExpectTrained(const GoldenFile& file, const Graph& graph, const float* slab,
                          double tolerance) {
  for (TensorId id : graph.parameters) {
    const TensorInfo& p = graph.tensor(id);
    const std::vector<float> gradient = file.Floats("grad/" + p.name);
    const std::vector<float> expected = file.Floats("after10/" + p.name);
    std::vector<float> got(slab + p.offset, slab + p.offset + p.size);
    for (size_t i = 0; i < got.size(); ++i) {
      if (gradient.at(i) == 0) got[i] = expected.at(i);
    }
    EXPECT_TRUE(Close(expected, got, tolerance)) << p.name;
  }
}

struct GoldenBatch {
  int64_t rows = 0, targets = 0, outputs = 0;  // targets: of a row, horizon * series
  ByInput<std::vector<float>> inputs;          // by Input
  double weights = 0;
};

inline GoldenBatch ReadBatch(const GoldenFile& file, const LossConfig& loss) {
  constexpr const char* kNames[] = {"insample_y", "insample_mask", "hist_exog",      "futr_exog",
                                    "stat_exog",  "outsample_y",   "outsample_mask", "loc",
                                    "scale",      "level",         "state"};
  GoldenBatch b;
  const std::vector<int64_t>& shape = file.Shape("forecast");
  // [rows, h, Q], or [rows, h, N, Q].
  const int64_t series = shape.size() == 4 ? shape[2] : 1;
  b.rows = shape[0], b.targets = shape[1] * series, b.outputs = shape.back();
  for (size_t i = 0; i < b.inputs.size(); ++i) {
    if (file.Has(kNames[i])) b.inputs[i] = file.Floats(kNames[i]);
  }
  std::vector<float>& weight = b.inputs[Input::kWeight];
  for (size_t i = 0; i < weight.size(); ++i) {
    if (!loss.horizon_weight.empty())
      weight[i] *= static_cast<float>(
          loss.horizon_weight[i % static_cast<size_t>(b.targets) / static_cast<size_t>(series)]);
    b.weights += weight[i];
  }
  return b;
}

}  // namespace nf

#endif  // NF_TESTING_GOLDEN_BATCH_H_
