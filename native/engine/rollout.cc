#include "engine/rollout.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "util/job_control.h"

namespace nf {
namespace {

int64_t OutputSize(const ForecastPlan& plan) {
  const Graph& graph = plan.program().graph();
  return graph.tensor(graph.output).size;
}

constexpr Output kMean[] = {std::nullopt};

void Fold(uint64_t word, uint64_t& key) {
  key = (key ^ word) * 0x9e3779b97f4a7c15;
  key ^= key >> 32;
}

}  // namespace

Rollout::Rollout(const ForecastPlan& plan, const ModelConfig& config, const Head& head, Pool& pool,
                 int64_t rows)
    : head_(head),
      scaler_(ParseScaler(config.scaler_type)),
      lookback_(config.lookback()),
      futures_(std::ssize(config.future_exog)),
      statics_(std::ssize(config.static_exog)),
      width_(head.width()),
      out_(OutputSize(plan)),
      state_at_(width_ + (head.distribution() ? 0 : 1)),
      states_(out_ - state_at_),
      rows_(rows),
      chunk_(plan.next->program().CachedRows()),
      memory_(plan.next->program(), pool, chunk_),
      keys_(static_cast<size_t>(rows)),
      static_(static_cast<size_t>(rows * statics_)),
      kept_(static_cast<size_t>(chunk_ * out_)) {
  random_.reserve(static_cast<size_t>(chunk_));
}

void Rollout::Aim(int64_t steps, InputPointers& to) {
  steps_ = steps;
  future_.resize(static_cast<size_t>(rows_ * (lookback_ + steps - 1) * futures_));
  if (futures_ > 0) to[Input::kFuture] = future_.data();
  if (statics_ > 0) to[Input::kStatic] = static_.data();
}

// A row's draws are keyed by what it is forecast from and not by its place, so that it has the same
// paths alone and among others, and those of another row are independent of them.
void Rollout::Begin(const ForecastPlan& plan, ForwardMemory& first,
                    std::span<const WindowScale> scales, int64_t count) {
  count_ = count, scales_ = scales;
  const float* y = first.input(Input::kInsampleY);
  for (int64_t r = 0; r < count; ++r) {
    uint64_t& key = keys_[static_cast<size_t>(r)] = 1;
    const WindowScale scale = scales[static_cast<size_t>(r)];
    Fold(std::bit_cast<uint64_t>(scale.loc), key);
    Fold(std::bit_cast<uint64_t>(scale.scale), key);
    for (int64_t t = 0; t < lookback_; ++t)
      Fold(std::bit_cast<uint32_t>(y[r * lookback_ + t]), key);
    for (int64_t s = 0; s < statics_; ++s)
      Fold(std::bit_cast<uint32_t>(static_[static_cast<size_t>(r * statics_ + s)]), key);
  }
  if (float* to = first.input(Input::kFuture); to != nullptr) {
    const int64_t given = (lookback_ + steps_ - 1) * futures_, read = lookback_ * futures_;
    for (int64_t r = 0; r < count; ++r)
      std::copy_n(future_.data() + r * given, read, to + r * read);
  }
  if (float* to = first.input(Input::kStatic); to != nullptr)
    std::copy_n(static_.data(), count * statics_, to);
  first_ = first.Run(plan.first, count);
}

float Rollout::Scaled(double y, int64_t row) const {
  float scaled;
  ScaleWindow(scaler_, scales_[static_cast<size_t>(row)], &y, 1, &scaled);
  return scaled;
}

// The inputs of the step after `step`, for the chunk's path i.
void Rollout::Put(int64_t i, int64_t row, int64_t step, float y, const float* states) {
  const auto put = [&](Input kind, const float* from, int64_t size) {
    if (float* to = memory_.input(kind); to != nullptr) std::copy_n(from, size, to + i * size);
  };
  put(Input::kInsampleY, &y, 1);
  put(Input::kState, states, states_);
  put(Input::kStatic, static_.data() + row * statics_, statics_);
  put(Input::kFuture,
      future_.data() + (row * (lookback_ + steps_ - 1) + lookback_ + step) * futures_, futures_);
}

template <class Next>
void Rollout::Walk(const ForecastPlan& plan, int64_t begin, int64_t count, int64_t each,
                   Next&& next) {
  const Graph& graph = plan.next->program().graph();
  float* const historic = memory_.input(Input::kHistoric);  // not known ahead: zeros
  const TensorId id = graph.inputs[Input::kHistoric];
  for (int64_t t = 0;; ++t) {
    ThrowIfStopped();
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = (begin + i) / each;
      const float* out = t == 0 ? first_ + row * out_ : kept_.data() + i * out_;
      const float y = next(begin + i, row, t, out);
      if (t + 1 < steps_) Put(i, row, t, y, out + state_at_);
    }
    if (t + 1 == steps_) return;
    if (historic != nullptr) std::fill_n(historic, count * graph.tensor(id).size, 0.0f);
    // The inputs of the next step go where its outputs may lie.
    std::copy_n(memory_.Run(*plan.next, count), count * out_, kept_.data());
  }
}

float Rollout::Mean(const ForecastPlan& plan, const float* raw, int64_t row) const {
  double y;
  head_.Values(raw, 1, width_, scaler_, scales_[static_cast<size_t>(row)], {.outputs = kMean}, row,
               plan.first.parameters(), &y);
  return Scaled(y, row);
}

const float* Rollout::FeedBack(const ForecastPlan& plan) {
  raw_.resize(static_cast<size_t>(count_ * steps_ * width_));
  const auto next = [&](int64_t, int64_t row, int64_t t, const float* raw) {
    std::copy_n(raw, width_, raw_.data() + (row * steps_ + t) * width_);
    return head_.distribution() ? Mean(plan, raw, row) : raw[width_];
  };
  for (int64_t begin = 0; begin < count_; begin += chunk_)
    Walk(plan, begin, std::min(chunk_, count_ - begin), 1, next);
  return raw_.data();
}

void Rollout::Draw(const ForecastPlan& plan, int64_t row, int64_t count, int64_t each,
                   uint64_t seed) {
  paths_.resize(static_cast<size_t>(count * steps_ * each));
  const int64_t end = (row + count) * each, chunks = (count * each + chunk_ - 1) / chunk_;
  const int64_t size = (count * each + chunks - 1) / chunks;
  for (int64_t begin = row * each; begin < end; begin += size) {
    random_.clear();
    const auto next = [&](int64_t path, int64_t of, int64_t t, const float* raw) {
      const int64_t number = path % each;
      if (t == 0) {
        random_.emplace_back(seed, RngStream::kTrajectories, keys_[static_cast<size_t>(of)],
                             static_cast<uint32_t>(number));
      }
      const double y = head_.Draw(raw, scales_[static_cast<size_t>(of)],
                                  random_[static_cast<size_t>(path - begin)]);
      paths_[static_cast<size_t>(((of - row) * steps_ + t) * each + number)] = y;
      return Scaled(y, of);
    };
    Walk(plan, begin, std::min(size, end - begin), each, next);
  }
}

// Quantiles lie between two paths as torch.quantile puts them. Samples that were asked for beyond
// the paths of the forecast change nothing of it.
void Rollout::Columns(const double* paths, int64_t each, const Asked& asked) {
  values_.resize(static_cast<size_t>(steps_ * asked.size()));
  double* out = values_.data();
  const auto last = static_cast<double>(asked.paths - 1);
  for (int64_t t = 0; t < steps_; ++t, paths += each) {
    sorted_.assign(paths, paths + asked.paths);
    const double mean = std::accumulate(sorted_.begin(), sorted_.end(), 0.0) / (last + 1);
    // What is not finite has no order; whoever reads it, says so.
    if (std::isfinite(mean)) std::sort(sorted_.begin(), sorted_.end());
    for (const Output& quantile : asked.outputs) {
      const double at = quantile ? *quantile * last : 0;
      const auto below = static_cast<size_t>(at);
      const size_t above = std::min(below + 1, sorted_.size() - 1);
      *out++ = quantile && std::isfinite(mean)
                   ? std::lerp(sorted_[below], sorted_[above], at - std::floor(at))
                   : mean;
    }
    out = std::copy_n(paths, asked.samples, out);
  }
}

}  // namespace nf
