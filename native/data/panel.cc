#include "data/panel.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "util/error.h"
#include "util/job_control.h"

namespace nf {
namespace {

template <class T>
T* Allocate(int64_t count) {
  const size_t bytes = static_cast<size_t>(count) * sizeof(T);
  void* p = ::operator new(bytes, std::align_val_t(kAlignment), std::nothrow);
  if (p == nullptr) {
    Fail(ErrorCode::kOutOfMemory, "a column of " + std::to_string(count) + " values (" +
                                      std::to_string(bytes) + " bytes) does not fit in memory");
  }
  return static_cast<T*>(p);
}

// NaN stands for a missing value: it survives any width.
bool IsExactFloat(double v) {
  return std::isnan(v) || static_cast<double>(static_cast<float>(v)) == v;
}

}  // namespace

void Column::AlignedDelete::operator()(void* p) const {
  ::operator delete(p, std::align_val_t(kAlignment));
}

Column::Column(std::span<const double> values, bool compact)
    : size_(static_cast<int64_t>(values.size())) {
  if (compact && std::all_of(values.begin(), values.end(), IsExactFloat)) {
    f32_.reset(Allocate<float>(size_));
    std::copy(values.begin(), values.end(), f32_.get());
  } else {
    f64_.reset(Allocate<double>(size_));
    std::copy(values.begin(), values.end(), f64_.get());
  }
}

Column::Column(std::span<const float> values, bool compact)
    : size_(static_cast<int64_t>(values.size())) {
  if (compact) {
    f32_.reset(Allocate<float>(size_));
    std::copy(values.begin(), values.end(), f32_.get());
  } else {
    f64_.reset(Allocate<double>(size_));
    std::copy(values.begin(), values.end(), f64_.get());
  }
}

void Column::Read(int64_t begin, std::span<double> out) const {
  const int64_t count = static_cast<int64_t>(out.size());
  NF_CHECK(begin >= 0 && begin + count <= size_);
  if (count == 0) return;
  if (f32_) {
    std::copy_n(f32_.get() + begin, count, out.data());
  } else {
    std::memcpy(out.data(), f64_.get() + begin, count * sizeof(double));
  }
}

void Column::Write(int64_t i, double value) {
  NF_CHECK(i >= 0 && i < size_);
  if (f32_ && !IsExactFloat(value)) {
    f64_.reset(Allocate<double>(size_));
    std::copy_n(f32_.get(), size_, f64_.get());
    f32_.reset();
  }
  if (f32_) {
    f32_[i] = static_cast<float>(value);
  } else {
    f64_[i] = value;
  }
}

size_t Column::bytes() const {
  return static_cast<size_t>(size_) * (f32_ ? sizeof(float) : sizeof(double));
}

Column Column::Tails(std::span<const int64_t> from, std::span<const int64_t> to) const {
  Column tails;
  tails.size_ = to.back();
  const auto copy = [&](const auto* in, auto* out) {
    for (size_t s = 0; s + 1 < to.size(); ++s) {
      ThrowIfStopped();
      const int64_t rows = to[s + 1] - to[s];
      std::copy_n(in + from[s + 1] - rows, rows, out + to[s]);
    }
  };
  if (f32_) {
    tails.f32_.reset(Allocate<float>(tails.size_));
    copy(f32_.get(), tails.f32_.get());
  } else {
    tails.f64_.reset(Allocate<double>(tails.size_));
    copy(f64_.get(), tails.f64_.get());
  }
  return tails;
}

size_t Panel::bytes() const {
  size_t total =
      y.bytes() + mask.size() + offsets.size() * sizeof(int64_t) + statics.size() * sizeof(float);
  for (const Column& column : historic) total += column.bytes();
  for (const Column& column : future) total += column.bytes();
  total += ds.bytes();
  return total;
}

std::string SeriesName(std::span<const std::string> ids, int64_t series) {
  const auto at = static_cast<size_t>(series);
  return ids.empty() ? "series " + std::to_string(series) : "series '" + ids[at] + "'";
}

void CheckAligned(const Panel& panel, std::span<const std::string> ids, const std::string& what) {
  const std::string rule = what +
                           " forecasts all series together, so that they must have the same "
                           "rows: ";
  int64_t longest = 0;
  for (int64_t s = 1; s < panel.num_series(); ++s) {
    if (panel.length(s) > panel.length(longest)) longest = s;
  }
  const int64_t rows = panel.length(longest);
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    if (panel.length(s) == rows) continue;
    Fail(ErrorCode::kSeriesTooShort, rule + SeriesName(ids, s) + " has " +
                                         std::to_string(panel.length(s)) + ", and " +
                                         SeriesName(ids, longest) + " has " + std::to_string(rows));
  }
  if (panel.ds.size() == 0) return;
  for (int64_t i = rows; i < panel.num_rows(); ++i) {
    if (panel.ds[i] == panel.ds[i % rows]) continue;
    Fail(ErrorCode::kIrregularTimestamp,
         rule + "row " + std::to_string(i % rows) + " of " + SeriesName(ids, i / rows) +
             " is at another time than " + "that of " + SeriesName(ids, 0));
  }
}

Panel Panel::Tail(int64_t length) const {
  NF_CHECK(length >= 0);
  Panel tail;
  tail.offsets.reserve(offsets.size());
  tail.offsets.push_back(0);
  for (int64_t s = 0; s < num_series(); ++s) {
    tail.offsets.push_back(tail.offsets.back() + std::min(length, this->length(s)));
  }
  tail.y = y.Tails(offsets, tail.offsets);
  for (const Column& column : historic) {
    tail.historic.push_back(column.Tails(offsets, tail.offsets));
  }
  for (const Column& column : future) tail.future.push_back(column.Tails(offsets, tail.offsets));
  if (!mask.empty()) {
    tail.mask.reserve(tail.num_rows());
    for (int64_t s = 0; s < num_series(); ++s) {
      tail.mask.insert(tail.mask.end(), mask.begin() + offsets[s + 1] - tail.length(s),
                       mask.begin() + offsets[s + 1]);
    }
  }
  if (ds.size() != 0) tail.ds = ds.Tails(offsets, tail.offsets);
  tail.ds_step = ds_step;
  tail.historic_names = historic_names;
  tail.future_names = future_names;
  tail.static_names = static_names;
  tail.statics = statics;
  return tail;
}

}  // namespace nf
