#include "data/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

Panel PanelOf(const std::vector<int64_t>& lengths) {
  Panel panel;
  panel.offsets = {0};
  for (int64_t n : lengths) panel.offsets.push_back(panel.offsets.back() + n);
  panel.y = Column(std::vector<double>(panel.num_rows(), 1.0), true);
  return panel;
}

SamplerOptions Options(int64_t lookback, int64_t horizon, int64_t windows) {
  SamplerOptions o;
  o.lookback = lookback;
  o.horizon = horizon;
  o.windows_batch_size = windows;
  return o;
}

std::vector<Frame> Draw(WindowSampler& sampler, int64_t step) {
  std::vector<Frame> windows(sampler.max_windows());
  sampler.Sample(step, windows);
  return windows;
}

using Key = std::pair<int32_t, int64_t>;

// The candidates by definition, row by row.
std::set<Key> Candidates(const Panel& panel, const SamplerOptions& o) {
  std::set<Key> cuts;
  for (int32_t s = 0; s < panel.num_series(); ++s) {
    const int64_t rows = panel.length(s) - o.holdout, base = panel.offsets[s];
    for (int64_t cut = o.start_padding ? 1 : o.lookback; cut < rows; cut += o.step_size) {
      bool before = false, after = false;
      for (int64_t i = std::max<int64_t>(0, cut - o.lookback); i < cut; ++i) {
        before |= panel.observed(base + i);
      }
      for (int64_t i = cut; i < std::min(cut + o.horizon, rows); ++i) {
        after |= panel.observed(base + i);
      }
      if (before && after) cuts.insert({s, cut});
    }
  }
  return cuts;
}

bool Sorted(const std::vector<Frame>& windows) {
  return std::is_sorted(windows.begin(), windows.end(), [](const Frame& a, const Frame& b) {
    return Key(a.series, a.cut) < Key(b.series, b.cut);
  });
}

// Over many steps exactly the candidates are drawn: every one valid, every one reached.
TEST(WindowSampler, DrawsExactlyTheCandidates) {
  Panel plain = PanelOf({30, 12, 25, 19, 40}), masked = PanelOf({30, 12, 25, 19, 40});
  Philox random(3, RngStream::kInit, 0, 0);
  for (int64_t i = 0; i < masked.num_rows(); ++i) masked.mask.push_back(random.NextBelow(4) == 0);
  for (int64_t i = 30 + 12 + 3; i < 30 + 12 + 16; ++i) masked.mask[i] = 0;  // a long gap
  for (const Panel* panel : {&plain, &masked}) {
    for (bool padding : {false, true}) {
      for (int64_t step_size : {1, 3}) {
        for (int64_t holdout : {0, 3}) {
          for (int64_t windows : {7, 500}) {
            SamplerOptions o = Options(6, 4, windows);
            o.start_padding = padding;
            o.step_size = step_size;
            o.holdout = holdout;
            o.batch_size = 2;
            WindowSampler sampler(*panel, o);
            const std::set<Key> candidates = Candidates(*panel, o);
            EXPECT_EQ(sampler.total_windows(), static_cast<int64_t>(candidates.size()));
            std::set<Key> seen;
            for (int64_t step = 0; step < 300; ++step) {
              const auto drawn = Draw(sampler, step);
              EXPECT_TRUE(Sorted(drawn));
              for (const Frame& w : drawn) seen.insert({w.series, w.cut});
            }
            EXPECT_EQ(seen, candidates);
          }
        }
      }
    }
  }
}

TEST(WindowSampler, WithoutReplacementWhenEnough) {
  const Panel panel = PanelOf({40, 60});
  for (int64_t windows : {1, 20, 83, 84}) {  // of 84 candidates
    WindowSampler sampler(panel, Options(8, 4, windows));
    ASSERT_EQ(sampler.total_windows(), 84);
    for (int64_t step = 0; step < 50; ++step) {
      const auto drawn = Draw(sampler, step);
      EXPECT_TRUE(Sorted(drawn));
      EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
    }
  }
}

TEST(WindowSampler, WithReplacementWhenFew) {
  const Panel panel = PanelOf({9});
  WindowSampler sampler(panel, Options(8, 4, 16));
  for (const Frame& w : Draw(sampler, 0)) EXPECT_EQ(w, (Frame{0, 8}));
}

// Chi-square of how often each candidate is drawn: k - 1 +- sqrt(2 k) when uniform; drawing without
// replacement only narrows it.
TEST(WindowSampler, IsUniform) {
  const Panel panel = PanelOf({50, 90, 20});
  for (int64_t windows : {5, 40, 1000}) {
    WindowSampler sampler(panel, Options(10, 4, windows));
    const double k = static_cast<double>(sampler.total_windows());
    std::map<Key, int64_t> counts;
    const int64_t steps = 40000 / windows;
    for (int64_t step = 0; step < steps; ++step) {
      for (const Frame& w : Draw(sampler, step)) ++counts[{w.series, w.cut}];
    }
    const double expected = static_cast<double>(steps * windows) / k;
    double chi_square = 0.0;
    for (const Key& key : Candidates(panel, Options(10, 4, windows))) {
      chi_square += (counts[key] - expected) * (counts[key] - expected) / expected;
    }
    EXPECT_LT(chi_square, k - 1 + 5 * std::sqrt(2 * k));
    EXPECT_GT(chi_square, 0.1 * k);
  }
}

// A pure function of the step: any order, any number of samplers, the same windows.
TEST(WindowSampler, DependsOnTheStepAlone) {
  const Panel panel = PanelOf(std::vector<int64_t>(50, 30));
  SamplerOptions o = Options(8, 4, 64);
  o.batch_size = 7;
  WindowSampler forwards(panel, o), backwards(panel, o);
  std::vector<std::vector<Frame>> steps;
  for (int64_t step = 0; step < 40; ++step) steps.push_back(Draw(forwards, step));
  for (int64_t step = 39; step >= 0; --step) EXPECT_EQ(Draw(backwards, step), steps[step]);
  EXPECT_NE(steps[0], steps[8]);
  o.seed = 2;
  WindowSampler other(panel, o);
  EXPECT_NE(Draw(other, 0), steps[0]);
}

TEST(WindowSampler, EpochsPermuteTheSeries) {
  const Panel panel = PanelOf(std::vector<int64_t>(23, 12));
  SamplerOptions o = Options(8, 4, 200);
  o.batch_size = 5;
  WindowSampler sampler(panel, o);
  ASSERT_EQ(sampler.steps_per_epoch(), 5);
  std::set<std::set<int32_t>> first_batches;
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    std::multiset<int32_t> taken;
    for (int64_t i = 0; i < 5; ++i) {
      std::set<int32_t> batch;
      for (const Frame& w : Draw(sampler, epoch * 5 + i)) batch.insert(w.series);
      EXPECT_EQ(batch.size(), i < 4 ? 5u : 3u);  // 200 draws reach all of 20 candidates
      taken.insert(batch.begin(), batch.end());
      if (i == 0) first_batches.insert(batch);
    }
    EXPECT_EQ(taken.size(), 23u);
    EXPECT_EQ(std::set<int32_t>(taken.begin(), taken.end()).size(), 23u);
  }
  EXPECT_GT(first_batches.size(), 10u);
}

// Ten billion candidates cost the memory of their series, and a step the time of its windows.
TEST(WindowSampler, ManySeriesAndCandidates) {
  Panel panel;
  panel.offsets = {0};
  for (int64_t s = 0; s < 100'000; ++s) panel.offsets.push_back(panel.offsets.back() + 100'048);
  SamplerOptions o = Options(48, 24, 1024);
  o.batch_size = 100'000;
  WindowSampler sampler(panel, o);
  EXPECT_EQ(sampler.total_windows(), 10'000'000'000);
  std::set<int32_t> series;
  for (int64_t step = 0; step < 4; ++step) {
    const auto drawn = Draw(sampler, step);
    EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
    for (const Frame& w : drawn) series.insert(w.series);
  }
  EXPECT_GT(series.size(), 3900u);
}

std::string ErrorOf(const Panel& panel, const SamplerOptions& o, ErrorCode code,
                    std::span<const std::string> ids, bool validation = false) {
  try {
    if (validation) {
      ValidationWindows(panel, o, ids);
    } else {
      WindowSampler sampler(panel, o, ids);
    }
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), code);
    return e.what();
  }
  return "";
}

TEST(WindowSampler, NamesTheSeriesThatIsTooShort) {
  const std::vector<std::string> ids = {"MSFT", "AAPL"};
  const Panel panel = PanelOf({100, 50});
  SamplerOptions o = Options(48, 4, 8);
  EXPECT_EQ(ErrorOf(panel, o, ErrorCode::kSeriesTooShort, ids), "");
  o.holdout = 10;
  EXPECT_EQ(ErrorOf(panel, o, ErrorCode::kSeriesTooShort, ids),
            "series 'AAPL' has 40 rows for training (50 less validationSize 10), but inputSize 48 "
            "needs at least 49: give more history, a smaller inputSize, or startPadding: true");
  o.holdout = 0;
  o.lookback = 50;
  EXPECT_EQ(ErrorOf(panel, o, ErrorCode::kSeriesTooShort, {}),
            "series 1 has 50 rows for training, but inputSize 50 needs at least 51: give more "
            "history, a smaller inputSize, or startPadding: true");
  o.start_padding = true;
  EXPECT_EQ(ErrorOf(panel, o, ErrorCode::kSeriesTooShort, ids), "");
  o.holdout = 49;
  EXPECT_EQ(ErrorOf(panel, o, ErrorCode::kSeriesTooShort, ids),
            "series 'AAPL' has 1 row for training (50 less validationSize 49), but even with "
            "startPadding it needs at least 2: give more history or a smaller validationSize");
  o.holdout = 60;
  EXPECT_NE(ErrorOf(panel, o, ErrorCode::kSeriesTooShort, ids).find("has 0 rows"),
            std::string::npos);
  Panel unseen = PanelOf({20, 20});
  unseen.mask.assign(40, 1);
  std::fill(unseen.mask.begin() + 20, unseen.mask.end(), uint8_t{0});
  EXPECT_EQ(ErrorOf(unseen, Options(8, 4, 8), ErrorCode::kSeriesTooShort, ids),
            "series 'AAPL' has no window with an observed value both in the 8 rows of the lookback "
            "and in the 4 rows of the horizon: leave the series out, or fill its gaps");
}

TEST(ValidationWindows, HorizonsWhollyInTheHoldout) {
  const Panel panel = PanelOf({30, 20});
  SamplerOptions o = Options(8, 4, 8);
  o.holdout = 6;
  EXPECT_EQ(ValidationWindows(panel, o),
            (std::vector<Frame>{{0, 24}, {0, 25}, {0, 26}, {1, 14}, {1, 15}, {1, 16}}));
  o.step_size = 2;
  EXPECT_EQ(ValidationWindows(panel, o), (std::vector<Frame>{{0, 24}, {0, 26}, {1, 14}, {1, 16}}));
  o.holdout = 4;
  EXPECT_EQ(ValidationWindows(panel, o), (std::vector<Frame>{{0, 26}, {1, 16}}));
  o.holdout = 3;
  EXPECT_EQ(ErrorOf(panel, o, ErrorCode::kOutOfRange, {}, true),
            "validationSize 3 holds no whole horizon of 4: make it at least the horizon");
}

// No training window may hold a visible horizon row of the holdout: cuts end before it.
TEST(ValidationWindows, ApartFromTraining) {
  const Panel panel = PanelOf({30});
  SamplerOptions o = Options(8, 4, 400);
  o.holdout = 6;
  WindowSampler sampler(panel, o);
  for (const Frame& w : Draw(sampler, 0)) EXPECT_LT(w.cut, 24);
  for (const Frame& w : ValidationWindows(panel, o)) EXPECT_GE(w.cut, 24);
}

TEST(ValidationWindows, OfDataKeptApart) {
  const Panel panel = PanelOf({13, 12});
  const std::vector<std::string> ids = {"a", "b"};
  SamplerOptions o = Options(8, 4, 8);
  EXPECT_EQ(ValidationWindows(panel, o), (std::vector<Frame>{{0, 8}, {0, 9}, {1, 8}}));
  o.lookback = 9;
  EXPECT_EQ(ErrorOf(panel, o, ErrorCode::kSeriesTooShort, ids, true),
            "series 'b' has 12 rows for validation, but a window needs 13: give more history, a "
            "smaller inputSize, or startPadding: true");
}

TEST(ValidationWindows, SkipsTheUnobserved) {
  Panel panel = PanelOf({16});
  panel.mask.assign(16, 1);
  std::fill(panel.mask.begin() + 11, panel.mask.begin() + 14, uint8_t{0});
  SamplerOptions o = Options(2, 2, 8);
  o.holdout = 6;
  // Cuts 10 .. 14: 11 and 12 have no observed horizon value, 13 and 14 no lookback value.
  EXPECT_EQ(ValidationWindows(panel, o), (std::vector<Frame>{{0, 10}}));
}

// Of frames of two series each, drawn and validated together.
TEST(SeveralSeries, AreDrawnTogether) {
  Panel panel = PanelOf({20, 20, 20, 20});
  SamplerOptions o = Options(5, 3, 500);
  o.series = 2;
  o.batch_size = 1;
  WindowSampler sampler(panel, o);
  EXPECT_EQ(sampler.total_windows(), 2 * 15);
  EXPECT_EQ(sampler.steps_per_epoch(), 2);
  std::set<Key> drawn;
  for (int64_t step : {0, 1}) {
    for (const Frame& frame : Draw(sampler, step)) {
      EXPECT_EQ(frame.count, 2);
      EXPECT_EQ(frame.series % 2, 0);
      drawn.insert({frame.series, frame.cut});
    }
  }
  EXPECT_EQ(drawn.size(), 30u);
  o.holdout = 4;
  const std::vector<Frame> validation = ValidationWindows(panel, o);
  EXPECT_EQ(validation, (std::vector<Frame>{{0, 16, 2}, {0, 17, 2}, {2, 16, 2}, {2, 17, 2}}));
}

TEST(SeveralSeries, AValueOfAnyOfThemCounts) {
  Panel panel = PanelOf({12, 12});
  panel.mask.assign(24, 0);
  panel.mask[3] = panel.mask[12 + 8] = 1;  // time 3 of the first, time 8 of the second
  SamplerOptions o = Options(4, 2, 10);
  EXPECT_THROW(WindowSampler(panel, o), Error);
  o.series = 2;
  const WindowSampler sampler(panel, o);
  EXPECT_EQ(sampler.total_windows(), 1);  // the cut at 7 sees both
  EXPECT_EQ(ValidationWindows(panel, o), (std::vector<Frame>{{0, 7, 2}}));
}

}  // namespace
}  // namespace nf
