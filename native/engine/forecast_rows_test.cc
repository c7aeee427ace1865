// That panels, raw windows and validation agree is tested where they are used.
#include "engine/forecast_rows.h"

#include <gtest/gtest.h>

#include "graph/recorder.h"
#include "kernels/kernel_table.h"
#include "ops/slice.h"

namespace nf {
namespace {

// A row of two series, each under its own scale: what repeats the last two values of both forecasts
// them.
TEST(ForecastRows, SeveralSeriesARow) {
  constexpr int64_t N = 2, L = 4, h = 2;
  Panel panel;
  panel.offsets = {0, 6, 12, 18};
  panel.y = Column(
      std::vector<double>{0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 300, 500, 1000, 2000, 7, 9, 11}, false);
  MultivariateConfig config;
  config.n_series = N;
  config.input_size = L, config.horizon = h, config.scaler_type = "standard";
  Recorder g;
  const Tensor y = g.Input(Input::kInsampleY, {L, N});
  const auto graph = g.Finish(SliceTime(g, y, L - h, L));
  Pool pool;
  ForecastPlan plan(*graph, BestKernels(), pool);
  plan.Pack(nullptr);
  WindowShape shape;
  shape.series = N, shape.lookback = L, shape.horizon = h;
  shape.scaler = ParseScaler(config.scaler_type);
  const std::vector<Frame> frames = {{1, 4, N}, {1, 6, N}};
  const PanelRows source(panel, shape, frames);
  const auto head = MakeHead(config.loss);
  ForecastSlot slot(plan, config, *head, pool, 2);
  int64_t calls = 0;
  auto use = [&](int64_t r, const double* values) {
    const Frame& frame = frames[static_cast<size_t>(r / N)];
    for (int64_t t = 0; t < h; ++t) {
      const double last = panel.y[panel.offsets[1 + r % N] + frame.cut - h + t];
      EXPECT_NEAR(values[t], last, 1e-5 * last) << r << " " << t;
    }
    ++calls;
  };
  ForecastRows(config, *head).Run(plan, source, h, 0, 2, {}, slot, use);
  EXPECT_EQ(calls, 2 * N);
}

}  // namespace
}  // namespace nf
