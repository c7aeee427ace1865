#include "engine/window_inputs.h"

#include <iterator>

namespace nf {

WindowShape ShapeOf(const ModelConfig& config, const Panel& panel, int64_t holdout, WindowUse use,
                    TargetUnit unit) {
  const bool training = use == WindowUse::kTraining;
  WindowShape shape;
  shape.series = config.series();
  shape.lookback = config.lookback();
  shape.horizon = training ? config.train_horizon() : config.horizon;
  shape.one_ahead = config.feeds_back();
  shape.shown = training && config.feeds_back() ? shape.horizon - 1 : 0;
  shape.historic = FindColumns(panel.historic_names, config.historic_exog, "historicExog");
  shape.future = FindColumns(panel.future_names, config.future_exog, "futureExog");
  shape.statics = FindColumns(panel.static_names, config.static_exog, "staticExog");
  shape.holdout = holdout;
  shape.scaler = ParseScaler(config.scaler_type);
  shape.target_unit = unit;
  return shape;
}

WindowRow RowOf(const WindowShape& shape, const InputPointers& inputs, int64_t row) {
  auto at = [&](Input kind, int64_t width) {
    float* base = inputs[kind];
    return base == nullptr ? nullptr : base + row * shape.series * width;
  };
  WindowRow r;
  r.insample_y = at(Input::kInsampleY, shape.inputs());
  r.insample_mask = at(Input::kInsampleMask, shape.inputs());
  r.historic = at(Input::kHistoric, shape.inputs() * std::ssize(shape.historic));
  r.future = at(Input::kFuture, shape.future_steps() * std::ssize(shape.future));
  r.statics = at(Input::kStatic, std::ssize(shape.statics));
  r.outsample_y = at(Input::kTarget, shape.horizon);
  r.outsample_mask = at(Input::kWeight, shape.horizon);
  r.loc = at(Input::kLoc, 1);
  r.scale = at(Input::kScale, 1);
  return r;
}

}  // namespace nf
