#include "infer/rolling.h"

#include <algorithm>

#include "util/error.h"
#include "util/integers.h"

namespace nf {
namespace {

// A column with `extra` rows behind every series, filled by `value(series, step)`.
template <class Value>
Column Extend(const Column& from, std::span<const int64_t> offsets, int64_t extra, Value&& value) {
  std::vector<double> rows;
  const auto series = static_cast<int64_t>(offsets.size()) - 1;
  rows.resize(static_cast<size_t>(offsets.back() + series * extra));
  for (int64_t s = 0; s < series; ++s) {
    const int64_t begin = offsets[static_cast<size_t>(s)];
    const int64_t length = offsets[static_cast<size_t>(s) + 1] - begin;
    double* to = rows.data() + begin + s * extra;
    from.Read(begin, {to, static_cast<size_t>(length)});
    for (int64_t i = 0; i < extra; ++i) to[length + i] = value(s, i);
  }
  return Column(std::span<const double>(rows), false);
}

}  // namespace

int64_t RoundSteps(const ModelConfig& config, int64_t horizon) {
  return config.feeds_back() ? horizon : config.horizon;
}

int64_t KnownSteps(const ModelConfig& config, int64_t horizon) {
  return config.feeds_back() ? horizon : RoundUp(horizon, config.horizon);
}

void CheckLookbacks(const Panel& panel, const ModelConfig& config, bool padding,
                    const std::string& what) {
  const int64_t needed = config.lookback();
  for (int64_t s = 0; s < panel.num_series(); ++s) {
    const int64_t length = panel.length(s), end = panel.offsets[static_cast<size_t>(s) + 1];
    int64_t row = end - std::min(length, needed);
    while (row < end && !panel.observed(row)) ++row;
    const bool short_of_rows = length < needed && !padding;
    if (row < end && !short_of_rows) continue;
    Fail(ErrorCode::kSeriesTooShort,
         what + ": " + SeriesName({}, s) + " has " +
             (short_of_rows ? std::to_string(length) + " of" : "no observed value in") + " the " +
             std::to_string(needed) + " rows that a forecast needs (inputSize" +
             (config.feeds_back() ? " and one more): " : "): ") +
             (short_of_rows
                  ? "give more history, or train with a smaller inputSize or startPadding: true"
                  : "leave the series out, or fill its gaps"));
  }
}

RollingPanel::RollingPanel(const Panel& source, const ModelConfig& config,
                           std::span<const std::span<const double>> ahead, int64_t horizon,
                           LocalScalerType local_scaler)
    : local_scaler_(local_scaler), together_(config.series()) {
  // Local scales belong to the whole series, so they are fitted before the tail is cut.
  if (local_scaler != LocalScalerType::kNone) {
    Panel whole = source.Tail(source.num_rows());
    scales_ = ScalePanel(local_scaler, whole);
    panel_ = whole.Tail(config.lookback());
  } else {
    panel_ = source.Tail(config.lookback());
  }
  const int64_t extra = RoundUp(horizon, RoundSteps(config, horizon));
  const int64_t known = KnownSteps(config, horizon);
  const std::vector<int64_t> before = panel_.offsets;
  const int64_t series = panel_.num_series();
  for (int64_t s = 0; s < series; ++s) {
    const auto i = static_cast<size_t>(s);
    history_.push_back(before[i + 1] - before[i]);
    panel_.offsets[i + 1] += (s + 1) * extra;
  }
  panel_.y = Extend(panel_.y, before, extra, [](int64_t, int64_t) { return 0.0; });
  for (Column& column : panel_.historic) {
    column = Extend(column, before, extra, [](int64_t, int64_t) { return 0.0; });
  }
  const std::vector<int32_t> used =
      FindColumns(panel_.future_names, config.future_exog, "futureExog");
  for (size_t c = 0; c < panel_.future.size(); ++c) {
    const auto at = std::find(used.begin(), used.end(), static_cast<int32_t>(c));
    auto value = [&](int64_t s, int64_t i) {
      if (at == used.end() || i >= known) return 0.0;
      const double raw =
          ahead[static_cast<size_t>(at - used.begin())][static_cast<size_t>(s * known + i)];
      return local_scaler == LocalScalerType::kNone
                 ? raw
                 : ApplyLocal(local_scaler, scales_.future[c][static_cast<size_t>(s)], raw);
    };
    panel_.future[c] = Extend(panel_.future[c], before, extra, value);
  }
  if (!panel_.mask.empty()) {
    std::vector<uint8_t> mask;
    for (int64_t s = 0; s < series; ++s) {
      const auto begin = panel_.mask.begin() + before[static_cast<size_t>(s)];
      mask.insert(mask.end(), begin, begin + history_[static_cast<size_t>(s)]);
      mask.insert(mask.end(), static_cast<size_t>(extra), 1);
    }
    panel_.mask = std::move(mask);
  }
}

std::vector<Frame> RollingPanel::Frames(int64_t offset) const {
  std::vector<Frame> frames;
  const int64_t series = panel_.num_series();
  frames.reserve(history_.size());
  for (int64_t s = 0; s < series; s += together_) {
    frames.push_back({static_cast<int32_t>(s), history_[static_cast<size_t>(s)] + offset,
                      static_cast<int32_t>(together_)});
  }
  return frames;
}

void RollingPanel::SetForecast(int64_t series, int64_t step, double value) {
  const int64_t row =
      panel_.offsets[static_cast<size_t>(series)] + history_[static_cast<size_t>(series)] + step;
  panel_.y.Write(row, value);
}

double RollingPanel::Invert(int64_t series, double value) const {
  return local_scaler_ == LocalScalerType::kNone
             ? value
             : InvertLocal(local_scaler_, scales_.y[static_cast<size_t>(series)], value);
}

}  // namespace nf
