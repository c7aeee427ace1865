// Windows are drawn by index and gathered one row at a time, scaled and converted on the way: all
// windows are never materialised.
#ifndef NF_DATA_WINDOWS_H_
#define NF_DATA_WINDOWS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/panel.h"
#include "data/scaler.h"

namespace nf {

// One window: lookback rows [cut - L, cut) and horizon rows [cut, cut + h) of a series, by position
// within the series. Rows before 0 or from the series' end on are absent: value 0, mask 0.
struct Window {
  int32_t series = 0;
  int64_t cut = 0;
  bool operator==(const Window&) const = default;
};

struct WindowShape {
  int64_t input_size = 0, horizon = 0;
  // For models that forecast one step ahead at every step: exogenous columns stand one step ahead
  // of y (time t's beside y of t - 1), and in training the first `shown` values of the horizon
  // follow those of the lookback.
  bool one_ahead = false;
  int64_t shown = 0;
  // Which panel columns feed the window, in the model's order (FindColumns): a panel may hold more
  // than one model uses.
  std::vector<int32_t> historic, future, statics;
  // The last rows of every series whose y and historic columns are absent: without it a training
  // window at the end of the trained rows would see the validation rows. Future columns are known
  // ahead and stay.
  int64_t holdout = 0;
  ScalerType scaler = ScalerType::kIdentity;

  int64_t inputs() const { return input_size + shown; }
  int64_t future_steps() const { return input_size + horizon - (one_ahead ? 1 : 0); }
};

// Positions of `wanted` among a panel's names; throws kMissingExog naming the column and `option`
// ("futureExog").
std::vector<int32_t> FindColumns(std::span<const std::string> names,
                                 std::span<const std::string> wanted, const char* option);

// Where one row of the batch goes. Layouts as NeuralForecast's windows_batch, except that an
// unobserved y is 0 after scaling (the window's centre), where that library scales its padding
// zero. Null pointers are skipped.
struct WindowRow {
  float* insample_y = nullptr;      // [L + shown], scaled; 0 where unobserved
  float* insample_mask = nullptr;   // [L + shown]
  float* outsample_y = nullptr;     // [h], scaled with the lookback's statistics; likewise 0
  float* outsample_mask = nullptr;  // [h]
  float* historic = nullptr;  // [L + shown, X], each column scaled by itself; 0 from the cut on
  float* future = nullptr;    // [future_steps, F], likewise (statistics over the lookback)
  float* statics = nullptr;   // [S], as they are
};

// Gathers a window and returns the scale of y. `ahead` (may be null: zeros) holds the known-ahead
// columns beyond the end of the series: ahead[f * ahead_stride + i] is column shape.future[f] at
// row length + i of this series, up to row cut + h. Exogenous columns keep their values where only
// y is unobserved (those rows count in no statistic). scratch: 2 * (L + h) doubles. Allocates
// nothing.
WindowScale GatherWindow(const Panel& panel, const WindowShape& shape, const Window& window,
                         const double* ahead, int64_t ahead_stride, const WindowRow& row,
                         double* scratch);

struct SamplerOptions {
  int64_t input_size = 0, horizon = 0;
  int64_t step_size = 1;       // distance between a series' candidate windows
  bool start_padding = false;  // allow lookbacks that begin before the series (left zeros, masked)
  int64_t batch_size = 32;     // series per step
  int64_t windows_batch_size = 1024;  // windows per step (W)
  int64_t holdout = 0;                // rows at the end of each series that are not trained on
  uint64_t seed = 1;
};

// Candidate cuts of a series of n trained rows: from L (1 with start padding) to n - 1 in steps of
// step_size: horizons that reach past the end are trained on, masked. With a mask, a window must
// have at least one observed lookback value and one observed horizon value.
//
// Differs from NeuralForecast on purpose: there every series is padded to the longest of the panel
// and a lookback may begin in that padding, so that which windows a series has depends on its
// neighbours. Here a lookback begins before the series only with start padding.
//
// Memory: O(series), and 4 bytes a candidate when the panel has a mask. Not thread-safe.
class WindowSampler {
 public:
  // The panel must outlive the sampler. Throws kSeriesTooShort naming the series (by id where
  // given, else by position) when it has no candidate.
  WindowSampler(const Panel& panel, const SamplerOptions& options,
                std::span<const std::string> ids = {});

  int64_t total_windows() const { return first_.back(); }
  int64_t max_windows() const { return options_.windows_batch_size; }  // rows of every batch
  int64_t steps_per_epoch() const;  // steps until every series was taken once

  // The windows of optimiser step `step`: a pure function of (panel, options, step). Series are
  // permuted each epoch and taken batch_size at a time; of their n candidates: n < W: W drawn with
  // replacement, else W different ones. Sorted by (series, cut), so that gathering walks memory
  // forwards. `out` has W entries. Allocates nothing.
  void Sample(int64_t step, std::span<Window> out);

 private:
  void TakeSeries(int64_t step);
  void DrawCandidates(int64_t step, int64_t candidates);
  int64_t CutOf(int32_t series, int64_t candidate) const;

  const Panel& panel_;
  SamplerOptions options_;
  std::vector<int64_t> first_;   // candidates before series s, prefix sums; num_series + 1
  std::vector<uint32_t> valid_;  // with a mask: the valid cuts, flat
  // Scratch of Sample.
  std::vector<int32_t> order_;  // the epoch's permutation
  int64_t order_epoch_ = -1;
  std::vector<int32_t> taken_;   // the step's series, ascending
  std::vector<uint64_t> drawn_;  // the step's candidates, [W], ascending
  std::vector<uint64_t> table_;  // hash set of drawn candidates + 1; 0 is empty
};

// Every window whose whole horizon lies in the last `holdout` rows of its series (holdout 0: in the
// series, after a first lookback: for data kept apart), stride step_size; with a mask those with an
// observed value on both sides. Throws kOutOfRange when the holdout is shorter than the horizon,
// kSeriesTooShort naming a series without a window.
std::vector<Window> ValidationWindows(const Panel& panel, const SamplerOptions& options,
                                      std::span<const std::string> ids = {});

}  // namespace nf

#endif  // NF_DATA_WINDOWS_H_
