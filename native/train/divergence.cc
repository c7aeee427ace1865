#include "train/divergence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace nf {

std::string DescribeLargest(const WindowSource& source, std::span<const Frame> windows,
                            const Graph& graph, std::span<const std::string> ids) {
  std::array<std::vector<float>, kNumInputs> inputs;
  const WindowShape& shape = source.shape();
  std::vector<double> scratch(static_cast<size_t>(shape.scratch_doubles()));
  BatchRows row;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (graph.inputs[i] == kNoTensor) continue;
    inputs[i].resize(static_cast<size_t>(graph.tensor(graph.inputs[i]).size));
    row.inputs[i] = inputs[i].data();
  }
  float largest = -1;
  int32_t series = 0;
  const auto look = [&](const std::vector<float>& values, const Frame& window) {
    for (float v : values) {
      if (std::abs(v) > largest) largest = std::abs(v), series = window.series;
    }
  };
  const auto beside = [](Input kind) {  // no value that the model computes with
    return kind == Input::kInsampleMask || kind == Input::kWeight || kind == Input::kLoc ||
           kind == Input::kScale || kind == Input::kLevel;
  };
  for (size_t r = 0; r < windows.size(); ++r) {
    source.Fill(static_cast<int64_t>(r), 1, row, scratch.data());
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!beside(static_cast<Input>(i))) look(inputs[i], windows[r]);
    }
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", static_cast<double>(largest));
  return "largest value of the batch, as scaled: " + std::string(text) + ", in " +
         SeriesName(ids, series);
}

}  // namespace nf
