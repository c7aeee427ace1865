// The forecast of a model that feeds back: its first step from the lookback, then step after step,
// each from the value of the one before and the states that go with it.
//
// The output of both programs is [raw outputs P | value fed back | states]; a distribution's have
// no value in the middle, because what is fed back is its mean or a draw of it, scaled as the
// window's y was.
#ifndef NF_ENGINE_ROLLOUT_H_
#define NF_ENGINE_ROLLOUT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/forward.h"
#include "heads/head.h"
#include "util/rng.h"

namespace nf {

// One thread's memory for forecasts of up to `rows` rows.
class Rollout {
 public:
  Rollout(const ForecastPlan& plan, const ModelConfig& config, const Head& head, Pool& pool,
          int64_t rows);

  // For a forecast of `steps` steps: points `to` at where the columns of its rows are gathered that
  // the steps read too.
  void Aim(int64_t steps, InputPointers& to);
  // Runs the first step of `count` gathered rows. scales: of the rows; kept by reference.
  void Begin(const ForecastPlan& plan, ForwardMemory& first, std::span<const WindowScale> scales,
             int64_t count);
  // Their raw outputs where the point forecast or the mean is fed back: [count, steps, P], valid
  // until the next call.
  const float* FeedBack(const ForecastPlan& plan);
  // `asked` of sampled paths, row after row: calls use(r, values), [steps, asked.size()].
  template <class Use>
  void Sample(const ForecastPlan& plan, const Asked& asked, Use&& use);

  int64_t steps() const { return steps_; }

 private:
  int64_t PathsOf(const Asked& asked) const { return std::max(asked.paths, asked.samples); }
  // Walks paths [begin, begin + count), `each` of them for every row, through all steps: next(path,
  // row, step, raw) takes the outputs of a step and returns what is fed back.
  template <class Next>
  void Walk(const ForecastPlan& plan, int64_t begin, int64_t count, int64_t each, Next&& next);
  void Put(int64_t i, int64_t row, int64_t step, float y, const float* states);
  // The mean of a distribution with these raw outputs, scaled.
  float Mean(const ForecastPlan& plan, const float* raw, int64_t row) const;
  float Scaled(double y, int64_t row) const;
  // Draws `each` paths of rows [row, row + count) into paths_, [count, steps, each].
  void Draw(const ForecastPlan& plan, int64_t row, int64_t count, int64_t each, uint64_t seed);
  void Columns(const double* paths, int64_t each, const Asked& asked);

  const Head& head_;
  const ScalerType scaler_;
  const int64_t lookback_, futures_, statics_;  // L, F, S
  const int64_t width_, out_, state_at_, states_;
  const int64_t rows_;   // that are begun at a time
  const int64_t chunk_;  // paths that are walked at a time: they stay in the cache
  ForwardMemory memory_;
  // Of the rows that were begun.
  int64_t steps_ = 0, count_ = 0;
  const float* first_ = nullptr;  // the outputs of their first step
  std::span<const WindowScale> scales_;
  std::vector<uint64_t> keys_;  // what their draws are keyed by
  std::vector<float> future_, static_, raw_;
  std::vector<float> kept_;  // outputs of a chunk's step
  std::vector<double> paths_, sorted_, values_;
  std::vector<Philox> random_;  // by path of a chunk
};

template <class Use>
void Rollout::Sample(const ForecastPlan& plan, const Asked& asked, Use&& use) {
  const int64_t each = PathsOf(asked), group = std::max<int64_t>(chunk_ / each, 1);
  for (int64_t row = 0; row < count_; row += group) {
    const int64_t count = std::min(group, count_ - row);
    Draw(plan, row, count, each, asked.seed);
    for (int64_t r = 0; r < count; ++r) {
      Columns(paths_.data() + r * steps_ * each, each, asked);
      use(row + r, values_.data());
    }
  }
}

}  // namespace nf

#endif  // NF_ENGINE_ROLLOUT_H_
