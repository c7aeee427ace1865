// Windows are drawn by index: those of a training step and those of a validation.
#ifndef NF_DATA_SAMPLER_H_
#define NF_DATA_SAMPLER_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/windows.h"

namespace nf {

struct SamplerOptions {
  int64_t series = 1;  // N: those of a frame; they must be aligned, and divide the panel's
  int64_t lookback = 0, horizon = 0;
  int64_t lag = 0;             // of the lookback, what lies before the user's inputSize
  int64_t step_size = 1;       // distance between a series' candidate windows
  bool start_padding = false;  // allow lookbacks that begin before the series (left zeros, masked)
  int64_t batch_size = 32;     // series per step
  int64_t windows_batch_size = 1024;  // windows per step (W)
  int64_t holdout = 0;                // rows at the end of each series that are not trained on
  uint64_t seed = 1;

  int64_t input_size() const { return lookback - lag; }
};

// Candidate cuts of a series of n trained rows: from L (1 with start padding) to n - 1 in steps of
// step_size: horizons that reach past the end are trained on, masked. With a mask, a window must
// have at least one observed lookback value and one observed horizon value. What is said of a
// series here is said of every N of them where a frame has several: they are drawn together, and a
// value of any of them counts as observed.
//
// Differs from NeuralForecast on purpose: there every series is padded to the longest of the panel
// and a lookback may begin in that padding, so that which windows a series has depends on its
// neighbours. Here a lookback begins before the series only with start padding.
//
// Memory: O(series), and 4 bytes a candidate when the panel has a mask. Not thread-safe.
class WindowSampler {
 public:
  // Throws kSeriesTooShort naming the series (by id where given, else by position) when it has no
  // candidate.
  WindowSampler(const Panel& panel, const SamplerOptions& options,
                std::span<const std::string> ids = {});

  int64_t total_windows() const { return first_.back(); }
  int64_t max_windows() const { return options_.windows_batch_size; }  // rows of every batch
  int64_t steps_per_epoch() const;  // steps until every series was taken once

  // The windows of optimiser step `step`: a pure function of (panel, options, step). Series are
  // permuted each epoch and taken batch_size at a time; of their n candidates: n < W: W drawn with
  // replacement, else W different ones. Sorted by (series, cut), so that gathering walks memory
  // forwards. `out` has W entries. Allocates nothing.
  void Sample(int64_t step, std::span<Frame> out);

 private:
  void TakeSeries(int64_t step);
  void DrawCandidates(int64_t step, int64_t candidates);
  int64_t CutOf(int32_t series, int64_t candidate) const;

  SamplerOptions options_;
  int64_t num_series_;           // or groups of them
  std::vector<int64_t> first_;   // candidates before series s, prefix sums; num_series_ + 1
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
std::vector<Frame> ValidationWindows(const Panel& panel, const SamplerOptions& options,
                                     std::span<const std::string> ids = {});

}  // namespace nf

#endif  // NF_DATA_SAMPLER_H_
