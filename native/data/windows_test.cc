#include "data/windows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Values are multiples of 1/64, so that a compact column holds exactly the same numbers.
Panel RandomPanel(uint64_t seed, bool masked, bool compact, bool nan_where_masked) {
  Philox random(seed, RngStream::kInit, 0, 0);
  const auto value = [&] { return (static_cast<double>(random.NextBelow(4096)) - 2048.0) / 64.0; };
  Panel panel;
  panel.offsets = {0, 17, 18, 48};
  const int64_t rows = panel.num_rows();
  if (masked) {
    for (int64_t i = 0; i < rows; ++i) panel.mask.push_back(random.NextBelow(4) != 0);
  }
  const auto column = [&](bool may_miss) {
    std::vector<double> values;
    for (int64_t i = 0; i < rows; ++i) {
      values.push_back(may_miss && nan_where_masked && !panel.observed(i) ? kNan : value());
    }
    return Column(values, compact);
  };
  panel.y = column(true);
  panel.historic_names = {"x0", "x1"};
  panel.future_names = {"f0", "f1", "f2"};
  panel.static_names = {"s0", "s1"};
  for (int c = 0; c < 2; ++c) panel.historic.push_back(column(true));
  for (int c = 0; c < 3; ++c) panel.future.push_back(column(false));
  for (int s = 0; s < 6; ++s) panel.statics.push_back(static_cast<float>(value()));
  return panel;
}

struct Batch {
  explicit Batch(const WindowShape& shape)
      : in(shape.series * shape.inputs(), -9.0f),
        in_mask(in),
        out(shape.series * shape.horizon, -9.0f),
        out_mask(out),
        historic(shape.series * shape.inputs() * shape.historic.size(), -9.0f),
        future(shape.series * shape.future_steps() * shape.future.size(), -9.0f),
        statics(shape.series * shape.statics.size(), -9.0f) {}
  WindowRow Row() {
    return {in.data(),       in_mask.data(), out.data(),    out_mask.data(),
            historic.data(), future.data(),  statics.data()};
  }
  bool operator==(const Batch&) const = default;
  std::vector<float> in, in_mask, out, out_mask, historic, future, statics;
  WindowScale scale;
};

Batch Gather(const Panel& panel, const WindowShape& shape, const Frame& window) {
  Batch batch(shape);
  std::vector<double> scratch(2 * (shape.lookback + shape.horizon));
  GatherFrame(panel, shape, window, batch.Row(), scratch.data(), &batch.scale);
  return batch;
}

// One column of the slow version: value and presence at each time of the window.
struct Times {
  std::vector<double> x;
  std::vector<bool> present, counted;

  // Scaled by the statistics over the counted times.
  std::vector<float> Scaled(ScalerType type, WindowScale* scale = nullptr) const {
    std::vector<double> kept, scratch(x.size() + 1);
    for (size_t t = 0; t < x.size(); ++t) {
      if (counted[t]) kept.push_back(x[t]);
    }
    const WindowScale s =
        FitWindow(type, kept.data(), nullptr, static_cast<int64_t>(kept.size()), scratch.data());
    if (scale != nullptr) *scale = s;
    std::vector<float> out(x.size(), 0.0f);
    for (size_t t = 0; t < x.size(); ++t) {
      if (present[t]) ScaleWindow(type, s, &x[t], 1, &out[t]);
    }
    return out;
  }
};

// Value by value, from the definitions in windows.h.
Batch SlowGather(const Panel& panel, const WindowShape& shape, const Frame& window) {
  const int64_t L = shape.lookback, total = L + shape.horizon;
  const int64_t length = panel.length(window.series), base = panel.offsets[window.series];
  const auto inside = [&](int64_t row) { return row >= 0 && row < length; };
  const auto shown = [&](int64_t row) { return inside(row) && row < length - shape.holdout; };
  const auto counted = [&](int64_t t, int64_t row) {
    return t < L && shown(row) && panel.observed(base + row);
  };
  Batch batch(shape);
  Times y;
  for (int64_t t = 0; t < total; ++t) {
    const int64_t row = window.cut - L + t;
    y.present.push_back(shown(row) && panel.observed(base + row));
    y.counted.push_back(counted(t, row));
    y.x.push_back(y.present[t] ? panel.y[base + row] : 0.0);
    (t < L ? batch.in_mask[t] : batch.out_mask[t - L]) = y.present[t];
  }
  const auto scaled_y = y.Scaled(shape.scaler, &batch.scale);
  for (int64_t t = 0; t < total; ++t) (t < L ? batch.in[t] : batch.out[t - L]) = scaled_y[t];

  for (size_t c = 0; c < shape.historic.size(); ++c) {
    Times x;
    for (int64_t t = 0; t < L; ++t) {
      const int64_t row = window.cut - L + t;
      const double v = shown(row) ? panel.historic[shape.historic[c]][base + row] : 0.0;
      x.present.push_back(shown(row) && !std::isnan(v));
      x.counted.push_back(counted(t, row));
      x.x.push_back(v);
    }
    const auto scaled = x.Scaled(shape.scaler);
    for (int64_t t = 0; t < L; ++t) batch.historic[t * shape.historic.size() + c] = scaled[t];
  }
  for (size_t c = 0; c < shape.future.size(); ++c) {
    Times x;
    for (int64_t t = 0; t < total; ++t) {
      const int64_t row = window.cut - L + t;
      x.present.push_back(inside(row));
      x.counted.push_back(counted(t, row));
      x.x.push_back(inside(row) ? panel.future[shape.future[c]][base + row] : 0.0);
    }
    const auto scaled = x.Scaled(shape.scaler);
    for (int64_t t = 0; t < total; ++t) batch.future[t * shape.future.size() + c] = scaled[t];
  }
  for (size_t c = 0; c < shape.statics.size(); ++c) {
    batch.statics[c] = panel.statics[window.series * 2 + shape.statics[c]];
  }
  return batch;
}

void ExpectSame(const Batch& expected, const Batch& got) {
  EXPECT_EQ(expected.scale.loc, got.scale.loc);
  EXPECT_EQ(expected.scale.scale, got.scale.scale);
  EXPECT_EQ(expected.in, got.in);
  EXPECT_EQ(expected.in_mask, got.in_mask);
  EXPECT_EQ(expected.out, got.out);
  EXPECT_EQ(expected.out_mask, got.out_mask);
  EXPECT_EQ(expected.historic, got.historic);
  EXPECT_EQ(expected.future, got.future);
  EXPECT_EQ(expected.statics, got.statics);
}

std::vector<WindowShape> Shapes() {
  std::vector<WindowShape> shapes;
  for (std::string_view name : ScalerNames()) {
    for (int64_t holdout : {0, 6}) {
      for (const auto& [L, h] : {std::pair<int64_t, int64_t>{8, 3}, {1, 1}, {5, 9}}) {
        WindowShape shape;
        shape.lookback = L;
        shape.horizon = h;
        shape.historic = {1, 0};
        shape.future = {2, 0};
        shape.statics = {1};
        shape.holdout = holdout;
        shape.scaler = ParseScaler(name);
        shapes.push_back(shape);
      }
    }
  }
  return shapes;
}

// Every cut of series of 17, 1 and 30 rows: padding at both ends, masks, hidden rows.
TEST(GatherFrame, EqualsTheSlowVersion) {
  for (bool masked : {false, true}) {
    const Panel panel = RandomPanel(masked ? 5 : 6, masked, false, masked);
    for (const WindowShape& shape : Shapes()) {
      for (int32_t s = 0; s < 3; ++s) {
        for (int64_t cut = 0; cut <= panel.length(s); ++cut) {
          SCOPED_TRACE("series " + std::to_string(s) + ", cut " + std::to_string(cut));
          const Frame window{s, cut};
          ExpectSame(SlowGather(panel, shape, window), Gather(panel, shape, window));
        }
      }
    }
  }
}

TEST(GatherFrame, CompactColumnsGiveTheSame) {
  const Panel wide = RandomPanel(7, true, false, false), narrow = RandomPanel(7, true, true, false);
  ASSERT_TRUE(narrow.y.compact() && !wide.y.compact());
  for (const WindowShape& shape : Shapes()) {
    for (int64_t cut = 1; cut <= 30; ++cut) {
      ExpectSame(Gather(wide, shape, {2, cut}), Gather(narrow, shape, {2, cut}));
    }
  }
}

TEST(GatherFrame, NothingBecomesNan) {
  const Panel panel = RandomPanel(8, true, false, true);
  for (const WindowShape& shape : Shapes()) {
    for (int64_t cut = 1; cut <= 17; ++cut) {
      const Batch batch = Gather(panel, shape, {0, cut});
      for (const auto* values : {&batch.in, &batch.out, &batch.historic, &batch.future}) {
        for (float v : *values) EXPECT_TRUE(std::isfinite(v));
      }
    }
  }
}

// What is not asked for is not written, and y's scale is still returned.
TEST(GatherFrame, SkipsNullPointers) {
  const Panel panel = RandomPanel(9, false, false, false);
  const WindowShape shape = Shapes()[12];  // robust
  const Batch all = Gather(panel, shape, {0, 9});
  Batch some(shape);
  std::vector<double> scratch(2 * (shape.lookback + shape.horizon));
  WindowRow row;
  row.insample_y = some.in.data();
  WindowScale s;
  GatherFrame(panel, shape, {0, 9}, row, scratch.data(), &s);
  EXPECT_EQ(some.in, all.in);
  EXPECT_EQ(s.loc, all.scale.loc);
  EXPECT_EQ(s.scale, all.scale.scale);
  EXPECT_EQ(some.future, Batch(shape).future);
}

// The same numbers as without, elsewhere: targets behind the lookback, exogenous columns without
// their first step, the historic ones zero from the cut on.
TEST(GatherFrame, OneAheadAndShown) {
  for (const WindowShape& plain : Shapes()) {
    const Panel panel = RandomPanel(9, true, false, false);
    for (int64_t cut : {1, 3, 7, 9}) {
      const Batch expected = Gather(panel, plain, {0, cut});
      for (int64_t shown : {int64_t{0}, plain.horizon - 1}) {
        WindowShape shape = plain;
        shape.one_ahead = true, shape.shown = shown;
        const Batch got = Gather(panel, shape, {0, cut});
        const auto with_shown = [&](std::vector<float> values, const std::vector<float>& behind) {
          values.insert(values.end(), behind.begin(), behind.begin() + shown);
          return values;
        };
        EXPECT_EQ(got.in, with_shown(expected.in, expected.out));
        EXPECT_EQ(got.in_mask, with_shown(expected.in_mask, expected.out_mask));
        EXPECT_EQ(got.out, expected.out);
        const auto x = static_cast<int64_t>(shape.historic.size());
        const auto f = static_cast<int64_t>(shape.future.size());
        std::vector<float> historic(expected.historic.begin() + x, expected.historic.end());
        historic.resize(static_cast<size_t>(shape.inputs() * x), 0.0f);
        EXPECT_EQ(got.historic, historic);
        EXPECT_EQ(got.future,
                  std::vector<float>(expected.future.begin() + f, expected.future.end()));
      }
    }
  }
}

// A frame of N series: each is what it is alone, side by side at every step, under its own scale.
TEST(GatherFrame, SeveralSeriesStandSideBySide) {
  constexpr int64_t N = 2;
  Panel panel = RandomPanel(10, true, false, false);
  panel.offsets = {0, 16, 32, 48};  // aligned
  CheckAligned(panel, {}, "model");
  for (const WindowShape& one : Shapes()) {
    WindowShape shape = one;
    shape.series = N;
    for (int64_t cut : {1, 3, 9, 16}) {
      Batch got(shape);
      WindowScale scales[N];
      std::vector<double> scratch(static_cast<size_t>(shape.scratch_doubles()));
      GatherFrame(panel, shape, {1, cut, N}, got.Row(), scratch.data(), scales);
      Batch expected(shape);
      for (int64_t n = 0; n < N; ++n) {
        const Batch alone = Gather(panel, one, {static_cast<int32_t>(1 + n), cut});
        EXPECT_EQ(scales[n].loc, alone.scale.loc);
        EXPECT_EQ(scales[n].scale, alone.scale.scale);
        const auto put = [&](const std::vector<float>& from, size_t width, std::vector<float>& to) {
          for (size_t i = 0; i < from.size(); ++i) {
            to[(i / width * N + static_cast<size_t>(n)) * width + i % width] = from[i];
          }
        };
        put(alone.in, 1, expected.in), put(alone.in_mask, 1, expected.in_mask);
        put(alone.out, 1, expected.out), put(alone.out_mask, 1, expected.out_mask);
        put(alone.historic, shape.historic.size(), expected.historic);
        put(alone.future, shape.future.size(), expected.future);
        put(alone.statics, shape.statics.size(), expected.statics);
      }
      ExpectSame(expected, got);
    }
  }
}

// A training window at the end of the trained rows must not see the validation rows.
TEST(GatherFrame, HoldoutIsHidden) {
  Panel panel;
  panel.offsets = {0, 10};
  panel.y = Column(std::vector<double>{1, 2, 3, 4, 5, 6, 70, 80, 90, 100}, false);
  WindowShape shape;
  shape.lookback = 3;
  shape.horizon = 4;
  shape.holdout = 4;
  const Batch batch = Gather(panel, shape, {0, 4});
  EXPECT_EQ(batch.in, (std::vector<float>{2, 3, 4}));
  EXPECT_EQ(batch.out, (std::vector<float>{5, 6, 0, 0}));
  EXPECT_EQ(batch.out_mask, (std::vector<float>{1, 1, 0, 0}));
}

TEST(FindColumns, InTheModelsOrder) {
  const std::vector<std::string> names = {"a", "b", "c"};
  EXPECT_EQ(FindColumns(names, std::vector<std::string>{"c", "a"}, "futureExog"),
            (std::vector<int32_t>{2, 0}));
  EXPECT_TRUE(FindColumns(names, {}, "futureExog").empty());
  const auto message = [](std::span<const std::string> names) -> std::string {
    try {
      FindColumns(names, std::vector<std::string>{"promo"}, "futureExog");
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kMissingExog);
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(message(names),
            "futureExog column 'promo' is not in the data, which has 'a' 'b' 'c': add it, or leave "
            "it out of the model's futureExog");
  EXPECT_EQ(message({}),
            "futureExog column 'promo' is not in the data, which has no such columns: add it, or "
            "leave it out of the model's futureExog");
}

}  // namespace
}  // namespace nf
