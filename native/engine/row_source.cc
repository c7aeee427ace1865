#include "engine/row_source.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "util/error.h"

namespace nf {

PanelRows::PanelRows(const Panel& panel, WindowShape shape, std::span<const Frame> frames)
    : panel_(panel), shape_(std::move(shape)), frames_(frames) {}

void PanelRows::Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const {
  for (int64_t r = 0; r < count; ++r) {
    GatherFrame(panel_, shape_, frames_[static_cast<size_t>(first + r)],
                RowOf(shape_, to.inputs, r), scratch,
                to.scale == nullptr ? nullptr : to.scale + r * shape_.series);
  }
}

template <class T>
RawRows<T>::RawRows(std::span<const T> windows, int64_t series, int64_t lookback, ScalerType scaler,
                    LocalScalerType local)
    : windows_(windows), series_(series), lookback_(lookback), scaler_(scaler), local_(local) {}

template <class T>
void RawRows<T>::Read(int64_t window, double* x) const {
  const T* raw = windows_.data() + window * lookback_;
  bool finite = true;
  for (int64_t i = 0; i < lookback_; ++i) {
    x[i] = static_cast<double>(raw[i]);
    finite &= std::isfinite(x[i]);
  }
  if (finite) return;
  Fail(ErrorCode::kNonFinite,
       "windows: row " + std::to_string(window) + " holds NaN or an infinite value");
}

template <class T>
void RawRows<T>::Fill(int64_t first, int64_t count, const BatchRows& to, double* scratch) const {
  double* const x = scratch;
  double* const fit_scratch = scratch + lookback_;
  float* y = to.inputs[Input::kInsampleY];
  float* const mask = to.inputs[Input::kInsampleMask];
  if (mask != nullptr) std::fill_n(mask, count * series_ * lookback_, 1.0f);
  for (int64_t w = 0, n = 0; w < count * series_; ++w) {
    const int64_t window = first * series_ + w;
    Read(window, x);
    if (local_ != LocalScalerType::kNone) {
      char what[40];  // for an error; a string would take memory for every row
      std::snprintf(what, sizeof what, "windows: row %lld", static_cast<long long>(window));
      const LocalScale local = FitLocal(local_, x, nullptr, lookback_, fit_scratch, what);
      to.local[w] = local;
      for (int64_t i = 0; i < lookback_; ++i) x[i] = ApplyLocal(local_, local, x[i]);
    }
    to.scale[w] = FitWindow(scaler_, x, nullptr, lookback_, fit_scratch);
    // [L, N] of a row.
    ScaleWindow(scaler_, to.scale[w], x, lookback_, y + n, series_);
    if (++n == series_) n = 0, y += series_ * lookback_;
  }
}

template class RawRows<float>;
template class RawRows<double>;

}  // namespace nf
