#include "models/window_inputs.h"

#include <iterator>

namespace nf {

WindowShape ShapeOf(const ModelConfig& config, const Panel& panel, int64_t holdout) {
  WindowShape shape;
  shape.input_size = config.input_size;
  shape.horizon = config.horizon;
  shape.historic = FindColumns(panel.historic_names, config.historic_exog, "historicExog");
  shape.future = FindColumns(panel.future_names, config.future_exog, "futureExog");
  shape.statics = FindColumns(panel.static_names, config.static_exog, "staticExog");
  shape.holdout = holdout;
  shape.scaler = ParseScaler(config.scaler_type);
  return shape;
}

WindowRow RowOf(const WindowShape& shape, const InputPointers& inputs, int64_t row) {
  auto at = [&](Input kind, int64_t width) {
    float* base = inputs[static_cast<size_t>(kind)];
    return base == nullptr ? nullptr : base + row * width;
  };
  WindowRow r;
  r.insample_y = at(Input::kInsampleY, shape.input_size);
  r.insample_mask = at(Input::kInsampleMask, shape.input_size);
  r.historic = at(Input::kHistoric, shape.input_size * std::ssize(shape.historic));
  r.future = at(Input::kFuture, (shape.input_size + shape.horizon) * std::ssize(shape.future));
  r.statics = at(Input::kStatic, std::ssize(shape.statics));
  return r;
}

}  // namespace nf
