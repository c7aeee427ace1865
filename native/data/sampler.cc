#include "data/sampler.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "util/error.h"
#include "util/job_control.h"
#include "util/rng.h"

namespace nf {
namespace {

int64_t FirstCut(const SamplerOptions& o) { return o.start_padding ? 1 : o.lookback; }

int64_t CountCuts(int64_t first, int64_t last, int64_t step) {
  return last < first ? 0 : (last - first) / step + 1;
}

// Whether any of the series of a frame that begins with `series` is observed at a row of theirs.
bool AnyObserved(const Panel& panel, const SamplerOptions& o, int64_t series, int64_t row) {
  for (int64_t n = 0; n < o.series; ++n) {
    if (panel.observed(panel.offsets[series + n] + row)) return true;
  }
  return false;
}

// Calls f(cut) for the cuts first, first + step .. last of a series, of which `rows` rows are in
// view, that have an observed value in both the lookback and the horizon. Linear in `rows`.
template <class F>
void ForEachObservedCut(const Panel& panel, int64_t series, const SamplerOptions& o, int64_t first,
                        int64_t last, int64_t rows, const F& f) {
  const auto observed = [&](int64_t row) { return AnyObserved(panel, o, series, row); };
  int64_t before = -1;  // the last observed row before the cut
  int64_t next = 0;     // the first observed row from the cut on, or `rows`
  for (int64_t cut = first; cut <= last; cut += o.step_size) {
    for (; next < cut || (next < rows && !observed(next)); ++next) {
      if (observed(next)) before = next;
    }
    if (before >= std::max<int64_t>(cut - o.lookback, 0) &&
        next < std::min(cut + o.horizon, rows)) {
      f(cut);
    }
  }
}

std::string Rows(int64_t n) { return std::to_string(n) + (n == 1 ? " row" : " rows"); }

[[noreturn]] void FailTooShort(const SamplerOptions& o, int64_t length, const std::string& series) {
  std::string message =
      series + " has " + Rows(std::max<int64_t>(length - o.holdout, 0)) + " for training";
  if (o.holdout > 0) {
    message +=
        " (" + std::to_string(length) + " less validationSize " + std::to_string(o.holdout) + ")";
  }
  if (o.start_padding) {
    message += ", but even with startPadding it needs at least 2: give more history";
    if (o.holdout > 0) message += " or a smaller validationSize";
  } else {
    message += ", but inputSize " + std::to_string(o.input_size()) + " needs at least " +
               std::to_string(o.lookback + 1) +
               ": give more history, a smaller inputSize, or startPadding: true";
  }
  Fail(ErrorCode::kSeriesTooShort, message);
}

}  // namespace

WindowSampler::WindowSampler(const Panel& panel, const SamplerOptions& options,
                             std::span<const std::string> ids)
    : options_(options), num_series_(panel.num_series() / options.series) {
  const SamplerOptions& o = options_;
  NF_CHECK(panel.num_series() > 0 && o.lookback > 0 && o.horizon > 0 && o.step_size > 0);
  NF_CHECK(o.batch_size > 0 && o.windows_batch_size > 0 && o.holdout >= 0);
  NF_CHECK(panel.num_series() == num_series_ * o.series);
  first_.reserve(num_series_ + 1);
  first_.push_back(0);
  for (int64_t s = 0; s < panel.num_series(); s += o.series) {
    ThrowIfStopped();
    const int64_t rows = panel.length(s) - o.holdout;
    int64_t count = CountCuts(FirstCut(o), rows - 1, o.step_size);
    if (count == 0) FailTooShort(o, panel.length(s), SeriesName(ids, s));
    if (!panel.mask.empty()) {
      ForEachObservedCut(panel, s, o, FirstCut(o), rows - 1, rows,
                         [&](int64_t cut) { valid_.push_back(static_cast<uint32_t>(cut)); });
      count = static_cast<int64_t>(valid_.size()) - first_.back();
      if (count == 0) {
        Fail(ErrorCode::kSeriesTooShort,
             SeriesName(ids, s) + " has no window with an observed value both in the " +
                 std::to_string(o.lookback) + " rows of the lookback and in the " +
                 std::to_string(o.horizon) +
                 " rows of the horizon: leave the series out, or fill its gaps");
      }
    }
    first_.push_back(first_.back() + count);
  }
  taken_.resize(std::min(o.batch_size, num_series_));
  drawn_.resize(o.windows_batch_size);
  table_.resize(std::bit_ceil(2 * static_cast<uint64_t>(o.windows_batch_size)));
  if (num_series_ > o.batch_size) order_.resize(num_series_);
}

int64_t WindowSampler::steps_per_epoch() const {
  return (num_series_ + options_.batch_size - 1) / options_.batch_size;
}

// Fills taken_ with the series of a step, ascending.
void WindowSampler::TakeSeries(int64_t step) {
  if (order_.empty()) {
    std::iota(taken_.begin(), taken_.end(), 0);
    return;
  }
  const int64_t epoch = step / steps_per_epoch();
  if (epoch != order_epoch_) {
    std::iota(order_.begin(), order_.end(), 0);
    Philox random(options_.seed, RngStream::kSeriesOrder, static_cast<uint64_t>(epoch), 0);
    for (int64_t i = num_series_ - 1; i > 0; --i) {
      std::swap(order_[i], order_[random.NextBelow(static_cast<uint64_t>(i) + 1)]);
    }
    order_epoch_ = epoch;
  }
  const int64_t begin = step % steps_per_epoch() * options_.batch_size;
  const int64_t end = std::min(begin + options_.batch_size, num_series_);
  taken_.assign(order_.begin() + begin, order_.begin() + end);
  std::sort(taken_.begin(), taken_.end());
}

// Fills drawn_ with W of the numbers below `candidates`, ascending.
void WindowSampler::DrawCandidates(int64_t step, int64_t candidates) {
  const uint64_t n = static_cast<uint64_t>(candidates), wanted = drawn_.size();
  Philox random(options_.seed, RngStream::kWindows, static_cast<uint64_t>(step), 0);
  if (n < wanted) {
    for (uint64_t& d : drawn_) d = random.NextBelow(n);
  } else {
    // Floyd's sampling (Bentley and Floyd, 1987): W draws whatever n is, every subset alike.
    std::fill(table_.begin(), table_.end(), 0);
    const uint64_t mask = table_.size() - 1;
    const auto insert = [&](uint64_t value) {  // whether it was new
      uint64_t slot = (value * 0x9E3779B97F4A7C15u >> 32) & mask;
      for (; table_[slot] != 0; slot = (slot + 1) & mask) {
        if (table_[slot] == value + 1) return false;
      }
      table_[slot] = value + 1;
      return true;
    };
    for (uint64_t i = 0; i < wanted; ++i) {
      const uint64_t top = n - wanted + i;
      const uint64_t draw = random.NextBelow(top + 1);
      drawn_[i] = draw;
      if (!insert(draw)) {
        insert(top);
        drawn_[i] = top;
      }
    }
  }
  std::sort(drawn_.begin(), drawn_.end());
}

int64_t WindowSampler::CutOf(int32_t series, int64_t candidate) const {
  if (!valid_.empty()) return valid_[first_[series] + candidate];
  return FirstCut(options_) + candidate * options_.step_size;
}

void WindowSampler::Sample(int64_t step, std::span<Frame> out) {
  NF_CHECK(step >= 0 && out.size() == drawn_.size());
  TakeSeries(step);
  int64_t candidates = 0;
  for (int32_t s : taken_) candidates += first_[s + 1] - first_[s];
  DrawCandidates(step, candidates);
  // Candidates are numbered through the step's series in order: one walk finds each one's series.
  size_t taken = 0;
  int64_t begin = 0;  // number of the first candidate of series taken_[taken]
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t draw = static_cast<int64_t>(drawn_[i]);
    int32_t s = taken_[taken];
    while (draw - begin >= first_[s + 1] - first_[s]) {
      begin += first_[s + 1] - first_[s];
      s = taken_[++taken];
    }
    out[i] = {static_cast<int32_t>(s * options_.series), CutOf(s, draw - begin),
              static_cast<int32_t>(options_.series)};
  }
}

std::vector<Frame> ValidationWindows(const Panel& panel, const SamplerOptions& o,
                                     std::span<const std::string> ids) {
  if (o.holdout > 0 && o.holdout < o.horizon) {
    Fail(ErrorCode::kOutOfRange, "validationSize " + std::to_string(o.holdout) +
                                     " holds no whole horizon of " + std::to_string(o.horizon) +
                                     ": make it at least the horizon");
  }
  std::vector<Frame> windows;
  for (int64_t s = 0; s < panel.num_series(); s += o.series) {
    ThrowIfStopped();
    const int64_t rows = panel.length(s);
    const int64_t first = o.holdout > 0 ? std::max(FirstCut(o), rows - o.holdout) : FirstCut(o);
    const int64_t last = rows - o.horizon;
    if (last < first) {
      Fail(ErrorCode::kSeriesTooShort,
           SeriesName(ids, s) + " has " + Rows(rows) + " for validation, but a window needs " +
               std::to_string(FirstCut(o) + o.horizon) + ": give more history" +
               (o.start_padding ? "" : ", a smaller inputSize, or startPadding: true"));
    }
    ForEachObservedCut(panel, s, o, first, last, rows, [&](int64_t cut) {
      windows.push_back({static_cast<int32_t>(s), cut, static_cast<int32_t>(o.series)});
    });
  }
  return windows;
}

}  // namespace nf
