#include "train/divergence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace nf {

std::string DescribeLargest(const WindowSource& source, std::span<const Frame> windows,
                            const Graph& graph, std::span<const std::string> ids) {
  ByInput<std::vector<float>> inputs;
  const WindowShape& shape = source.shape();
  std::vector<double> scratch(static_cast<size_t>(shape.scratch_doubles()));
  BatchRows row;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (graph.inputs[i] == kNoTensor) continue;
    inputs[i].resize(static_cast<size_t>(graph.tensor(graph.inputs[i]).size));
    row.inputs[i] = inputs[i].data();
  }
  float largest = -1;
  int64_t series = 0;
  // `columns` values of each series stand side by side.
  const auto look = [&](const std::vector<float>& values, const Frame& window, int64_t columns) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (!(std::abs(values[i]) > largest)) continue;
      largest = std::abs(values[i]);
      series = window.series + static_cast<int64_t>(i) / columns % window.count;
    }
  };
  const auto beside = [](Input kind) {  // no value that the model computes with
    return kind == Input::kInsampleMask || kind == Input::kWeight || kind == Input::kLoc ||
           kind == Input::kScale || kind == Input::kLevel;
  };
  const auto columns = [&](Input kind) {
    const bool exogenous =
        kind == Input::kHistoric || kind == Input::kFuture || kind == Input::kStatic;
    return exogenous ? graph.tensor(graph.inputs[kind]).dims.back() : 1;
  };
  for (size_t r = 0; r < windows.size(); ++r) {
    source.Fill(static_cast<int64_t>(r), 1, row, scratch.data());
    for (size_t i = 0; i < inputs.size(); ++i) {
      const auto kind = static_cast<Input>(i);
      if (!inputs[i].empty() && !beside(kind)) look(inputs[i], windows[r], columns(kind));
    }
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", static_cast<double>(largest));
  return "largest value of the batch, as scaled: " + std::string(text) + ", in " +
         SeriesName(ids, series);
}

}  // namespace nf
