#include "data/windows.h"

#include <algorithm>
#include <cmath>

#include "util/error.h"

namespace nf {
namespace {

// Where a window lies: its time t = 0 .. L + h - 1 is row start + t of the series.
struct Extent {
  int64_t base;         // panel row of time 0; before the panel when the first series is padded
  int64_t first;        // first time within the series
  int64_t history;      // y and historic columns are present in times [first, history)
  int64_t known;        // future columns in [first, known)
  int64_t lookback;     // min(history, L): statistics are over [first, lookback)
  const uint8_t* mask;  // the panel's, or null

  const uint8_t* MaskAt(int64_t t) const { return mask == nullptr ? nullptr : mask + (base + t); }
  bool Unobserved(int64_t t) const { return mask[base + t] == 0; }
};

Extent Locate(const Panel& panel, const WindowShape& shape, int64_t series, int64_t cut) {
  const int64_t L = shape.lookback, total = L + shape.horizon;
  const int64_t start = cut - L, length = panel.length(series);
  Extent e;
  e.base = panel.offsets[series] + start;
  e.first = std::clamp<int64_t>(-start, 0, total);
  e.known = std::clamp(length - start, e.first, total);
  e.history = std::clamp(length - shape.holdout - start, e.first, total);
  e.lookback = std::clamp(L, e.first, e.history);
  e.mask = panel.mask.empty() ? nullptr : panel.mask.data();
  return e;
}

// Statistics over the lookback of a column whose times stand at x[0..).
WindowScale Fit(const WindowShape& shape, const Extent& e, const double* x, double* scratch) {
  return FitWindow(shape.scaler, x + e.first, e.MaskAt(e.first), e.lookback - e.first, scratch);
}

void Put(float value, float* to, int64_t count, int64_t stride) {
  if (stride == 1) {
    std::fill_n(to, count, value);
  } else {
    for (int64_t i = 0; i < count; ++i) to[i * stride] = value;
  }
}

// Times [begin, end) of y and its mask, which are `stride` apart. Absent and unobserved: 0.
void PutTarget(ScalerType scaler, const Extent& e, WindowScale s, const double* x, int64_t begin,
               int64_t end, float* y, float* mask, int64_t stride) {
  const int64_t from = std::clamp(e.first, begin, end), to = std::clamp(e.history, from, end);
  const auto at = [=](float* column, int64_t t) { return column + (t - begin) * stride; };
  if (y != nullptr) {
    Put(0.0f, y, from - begin, stride);
    ScaleWindow(scaler, s, x + from, to - from, at(y, from), stride);
    Put(0.0f, at(y, to), end - to, stride);
  }
  if (mask != nullptr) {
    Put(0.0f, mask, from - begin, stride);
    Put(1.0f, at(mask, from), to - from, stride);
    Put(0.0f, at(mask, to), end - to, stride);
  }
  if (e.mask == nullptr) return;
  for (int64_t t = from; t < to; ++t) {
    if (!e.Unobserved(t)) continue;
    if (y != nullptr) *at(y, t) = 0.0f;
    if (mask != nullptr) *at(mask, t) = 0.0f;
  }
}

// Times [begin, end) of an exogenous column into out[(t - begin) * stride], where begin is 1 for
// columns one step ahead; x is filled within [e.first, present).
void PutExogenous(const WindowShape& shape, const Extent& e, const double* x, int64_t present,
                  int64_t end, double* scratch, float* out, int64_t stride) {
  const int64_t begin = shape.one_ahead ? 1 : 0, first = std::clamp(e.first, begin, end);
  present = std::max(present, first);
  const auto at = [=](int64_t t) -> float& { return out[(t - begin) * stride]; };
  ScaleWindow(shape.scaler, Fit(shape, e, x, scratch), x + first, present - first,
              out + (first - begin) * stride, stride);
  for (int64_t t = begin; t < first; ++t) at(t) = 0.0f;
  for (int64_t t = present; t < end; ++t) at(t) = 0.0f;
  if (e.mask == nullptr) return;
  // Where y is unobserved the column may be missing too.
  for (int64_t t = first; t < std::min(present, e.known); ++t) {
    if (e.Unobserved(t) && std::isnan(x[t])) at(t) = 0.0f;
  }
}

void ReadTimes(const Column& column, const Extent& e, int64_t end, double* x) {
  if (end <= e.first) return;
  column.Read(e.base + e.first, {x + e.first, static_cast<size_t>(end - e.first)});
}

// Series `n` of a frame's N at this cut, into its places of the row; returns the scale of y.
WindowScale GatherWindow(const Panel& panel, const WindowShape& shape, int64_t series, int64_t cut,
                         int64_t n, const WindowRow& row, double* scratch) {
  const int64_t L = shape.lookback, total = L + shape.horizon, N = shape.series;
  const Extent e = Locate(panel, shape, series, cut);
  const auto of = [n](float* port) { return port == nullptr ? nullptr : port + n; };
  double* x = scratch;
  double* fit_scratch = scratch + total;

  ReadTimes(panel.y, e, e.history, x);
  const WindowScale scale = Fit(shape, e, x, fit_scratch);
  PutTarget(shape.scaler, e, scale, x, 0, shape.inputs(), of(row.insample_y), of(row.insample_mask),
            N);
  const bool scaled = shape.target_unit == TargetUnit::kScaled;
  const bool original = shape.target_unit == TargetUnit::kOriginal;
  PutTarget(scaled ? shape.scaler : ScalerType::kStandard, e, original ? WindowScale{} : scale, x,
            L, total, of(row.outsample_y), of(row.outsample_mask), N);
  if (row.loc != nullptr) row.loc[n] = static_cast<float>(scale.loc);
  if (row.scale != nullptr) row.scale[n] = static_cast<float>(scale.scale);

  const int64_t num_historic = static_cast<int64_t>(shape.historic.size());
  for (int64_t c = 0; row.historic != nullptr && c < num_historic; ++c) {
    ReadTimes(panel.historic[shape.historic[c]], e, e.lookback, x);
    PutExogenous(shape, e, x, e.lookback, shape.inputs() + (shape.one_ahead ? 1 : 0), fit_scratch,
                 row.historic + n * num_historic + c, N * num_historic);
  }
  const int64_t num_future = static_cast<int64_t>(shape.future.size());
  for (int64_t c = 0; row.future != nullptr && c < num_future; ++c) {
    ReadTimes(panel.future[shape.future[c]], e, e.known, x);
    PutExogenous(shape, e, x, e.known, total, fit_scratch, row.future + n * num_future + c,
                 N * num_future);
  }
  if (row.statics != nullptr) {
    const float* statics = panel.statics.data() + series * panel.static_names.size();
    float* to = row.statics + n * shape.statics.size();
    for (size_t c = 0; c < shape.statics.size(); ++c) to[c] = statics[shape.statics[c]];
  }
  return scale;
}

}  // namespace

std::vector<int32_t> FindColumns(std::span<const std::string> names,
                                 std::span<const std::string> wanted, const char* option) {
  std::vector<int32_t> positions;
  for (const std::string& name : wanted) {
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      std::string present;
      for (const std::string& n : names) present += " '" + n + "'";
      Fail(ErrorCode::kMissingExog, std::string(option) + " column '" + name +
                                        "' is not in the data, which has" +
                                        (present.empty() ? " no such columns" : present) +
                                        ": add it, or leave it out of the model's " + option);
    }
    positions.push_back(static_cast<int32_t>(it - names.begin()));
  }
  return positions;
}

void GatherFrame(const Panel& panel, const WindowShape& shape, const Frame& frame,
                 const WindowRow& row, double* scratch, WindowScale* scales) {
  NF_CHECK(frame.cut >= 0 && frame.count == shape.series);
  for (int64_t n = 0; n < shape.series; ++n) {
    const WindowScale scale =
        GatherWindow(panel, shape, frame.series + n, frame.cut, n, row, scratch);
    if (scales != nullptr) scales[n] = scale;
  }
}

}  // namespace nf
