// Between data/ and graph/: which columns of a panel feed a model, and where a window of it goes.
#ifndef NF_ENGINE_WINDOW_INPUTS_H_
#define NF_ENGINE_WINDOW_INPUTS_H_

#include <array>
#include <cstdint>

#include "data/windows.h"
#include "graph/graph.h"
#include "models/config.h"

namespace nf {

// Input tensors by kind, each [rows, ...]; null where the model takes none.
using InputPointers = ByInput<float*>;

enum class WindowUse { kForecast, kTraining };

// unit: of the targets (Head::target_unit). Throws kMissingExog when the panel lacks a column that
// the model names.
WindowShape ShapeOf(const ModelConfig& config, const Panel& panel, int64_t holdout, WindowUse use,
                    TargetUnit unit = TargetUnit::kScaled);

// Row `row` of the inputs.
WindowRow RowOf(const WindowShape& shape, const InputPointers& inputs, int64_t row);

}  // namespace nf

#endif  // NF_ENGINE_WINDOW_INPUTS_H_
