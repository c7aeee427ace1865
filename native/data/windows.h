// The rows of a batch are frames: windows of one series or of several. They are gathered one at a
// time, scaled and converted on the way; all of them are never materialised.
#ifndef NF_DATA_WINDOWS_H_
#define NF_DATA_WINDOWS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/panel.h"
#include "data/scaler.h"

namespace nf {

// `count` series at one cut: of each the window of lookback rows [cut - L, cut) and horizon rows
// [cut, cut + h), by position within the series. Rows before 0 or from a series' end on are absent:
// value 0, mask 0. More than one series must be aligned (CheckAligned in data/panel.h).
struct Frame {
  int32_t series = 0;  // the first
  int64_t cut = 0;
  int32_t count = 1;
  bool operator==(const Frame&) const = default;
};

// What the targets of a window are given in: scaled as its lookback, (y - loc) / scale whatever
// else the scaler does, or as they are.
enum class TargetUnit : uint8_t { kScaled, kStandard, kOriginal };

struct WindowShape {
  int64_t series = 1;  // N: those of a frame
  int64_t lookback = 0, horizon = 0;
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
  TargetUnit target_unit = TargetUnit::kScaled;

  int64_t inputs() const { return lookback + shown; }
  int64_t scratch_doubles() const { return ScratchDoubles(lookback, horizon); }
  // Of any gather of such windows.
  static int64_t ScratchDoubles(int64_t lookback, int64_t horizon) {
    return 2 * (lookback + horizon);
  }
  int64_t future_steps() const { return lookback + horizon - (one_ahead ? 1 : 0); }
};

// Positions of `wanted` among a panel's names; throws kMissingExog naming the column and `option`
// ("futureExog").
std::vector<int32_t> FindColumns(std::span<const std::string> names,
                                 std::span<const std::string> wanted, const char* option);

// Where one row of the batch goes. Layouts as NeuralForecast's windows_batch, except that an
// unobserved y is 0 after scaling (the window's centre), where that library scales its padding
// zero. Null pointers are skipped.
struct WindowRow {
  float* insample_y = nullptr;      // [L + shown, N], scaled; 0 where unobserved
  float* insample_mask = nullptr;   // [L + shown, N]
  float* outsample_y = nullptr;     // [h, N], in the target's unit by the lookback; likewise 0
  float* outsample_mask = nullptr;  // [h, N]
  float* historic = nullptr;  // [L + shown, N, X], each column scaled by itself; 0 from the cut on
  float* future = nullptr;    // [future_steps, N, F], likewise (statistics over the lookback)
  float* statics = nullptr;   // [N, S], as they are
  float *loc = nullptr, *scale = nullptr;  // [N]: how y was scaled
};

// Gathers a frame; scales: how y of each of its series was scaled, [N], may be null. Every series
// is scaled by itself. Exogenous columns keep their values where only y is unobserved (those rows
// count in no statistic). scratch: shape.scratch_doubles(). Allocates nothing.
void GatherFrame(const Panel& panel, const WindowShape& shape, const Frame& frame,
                 const WindowRow& row, double* scratch, WindowScale* scales);

}  // namespace nf

#endif  // NF_DATA_WINDOWS_H_
