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
  int64_t num_historic = 0, num_future = 0, num_static = 0;
  ScalerType scaler = ScalerType::kIdentity;
};

// Where one row of the batch goes. Layouts as NeuralForecast's windows_batch. Null pointers are
// skipped.
struct WindowRow {
  float* insample_y = nullptr;      // [L], scaled; 0 where unobserved
  float* insample_mask = nullptr;   // [L]
  float* outsample_y = nullptr;     // [h], scaled with the lookback's statistics
  float* outsample_mask = nullptr;  // [h]
  float* historic = nullptr;        // [L, X], each column scaled by itself
  float* future = nullptr;          // [L + h, F], likewise (statistics over the lookback)
  float* statics = nullptr;         // [S], as they are
};

// Gathers a window. `ahead` (may be null) holds the known-ahead columns beyond the end of the
// series: ahead[f * ahead_stride + i] is column f at row length + i of this series. scratch: at
// least 3 * (L + h) doubles.
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
class WindowSampler {
 public:
  // Throws kSeriesTooShort naming the series (by position and, where given, id) when it has no
  // candidate.
  WindowSampler(const Panel& panel, const SamplerOptions& options,
                std::span<const std::string> ids = {});

  int64_t total_windows() const;
  int64_t max_windows() const { return options_.windows_batch_size; }  // rows of every batch
  // The windows of optimiser step `step`: a pure function of (panel, options, step). Series are
  // permuted each epoch and taken batch_size at a time; of their n candidates: n < W: W drawn with
  // replacement, else W different ones. Sorted by (series, cut), so that gathering walks memory
  // forwards. `out` has W entries. Allocates nothing.
  void Sample(int64_t step, std::span<Window> out);

  // Validation: every window whose whole horizon lies in the last `holdout` rows, stride step_size.
  std::vector<Window> ValidationWindows() const;

 private:
  const Panel& panel_;
  SamplerOptions options_;
  std::vector<int64_t> first_;  // candidates before series s, prefix sums; num_series + 1
  std::vector<int64_t> valid_;  // with a mask: the valid cuts, flat
  std::vector<int64_t> order_;  // scratch: the epoch's permutation
  int64_t order_epoch_ = -1;
  std::vector<uint64_t> picked_;  // scratch
};

}  // namespace nf

#endif  // NF_DATA_WINDOWS_H_
