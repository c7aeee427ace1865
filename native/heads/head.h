// Between what a model gives for each step and what a user reads: how wide the one is, what the
// loss makes of it, and which columns become of it. Any model takes any head.
#ifndef NF_HEADS_HEAD_H_
#define NF_HEADS_HEAD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/panel.h"
#include "data/scaler.h"
#include "data/windows.h"
#include "graph/recorder.h"
#include "heads/loss.h"
#include "kernels/kernel_table.h"

namespace nf {

class Philox;

// What an output of a forecast is: a quantile, or else the point forecast.
using Output = std::optional<double>;

// What is asked of a head's distribution, of every step. Samples are drawn for each row by itself.
struct Asked {
  std::span<const Output> outputs = {};
  int64_t samples = 0;
  uint64_t seed = 0;
  uint64_t first_row = 0;  // the number of row 0, which keys its draws
  // Of a model that feeds back: how many paths are drawn for a row, whose quantiles and mean the
  // outputs then are, and whose first ones the samples; 0: its mean is fed back, and every step has
  // its own distribution.
  int64_t paths = 0;

  int64_t size() const { return static_cast<int64_t>(outputs.size()) + samples; }
};

// What a loss is taken of: rows of a batch, each pointer at the first one. What a head does not
// read (Head::ports) is null.
struct LossRows {
  int64_t rows = 0, points = 0, series = 1;  // points: values of y in a row, [h, N] of its series
  const float* raw = nullptr;                // [rows, h, N, P]
  const float* target = nullptr;             // [rows, h, N], in the head's TargetUnit
  const float* weight = nullptr;             // [rows, h, N], >= 0; where it is 0, nothing counts
  const float *loc = nullptr, *scale = nullptr;  // [rows, N]: of the windows
  // [rows, steps, N], scaled, of which the first `lookback` steps are the lookback.
  const float *insample = nullptr, *insample_mask = nullptr;
  const float* level = nullptr;  // [rows, h, N]; null: 0.5
  int64_t lookback = 0, steps = 0;
  float grad_scale = 1;
  float* grad = nullptr;  // [rows, h, N, P]: of the sum times grad_scale; null: the sum alone
};

// Which inputs a loss reads besides target and weight.
struct LossPorts {
  bool anchor = false;    // loc, scale
  bool insample = false;  // with its mask
  bool level = false;     // a quantile for each value, which Head::DrawLevels draws
};

class Head {
 public:
  virtual ~Head() = default;
  // P: a model's raw outputs of a step.
  virtual int64_t width() const = 0;
  virtual TargetUnit target_unit() const { return TargetUnit::kScaled; }
  virtual LossPorts ports() const { return {}; }
  // What lies between the raw outputs and the loss: layers of the head's own. Recorded in training;
  // a forecast's are done by Values. Attach: where the recorded graph keeps their weights.
  virtual Tensor Record(Recorder&, Tensor raw) const { return raw; }
  virtual void Attach(const Graph&) {}
  // LossPorts::level of a row of a training batch.
  virtual void DrawLevels(uint64_t /*seed*/, int64_t /*step*/, int64_t /*row*/,
                          std::span<float> /*levels*/) const {}
  // The sum of weight * loss over rows and points, in double and in a fixed order. Called for
  // disjoint rows at once.
  virtual double Loss(const KernelTable& kernels, const LossRows& rows) const = 0;
  // A second sum over the same rows, which Result divides by; where there is none 0.
  virtual double Benchmark(const LossRows&) const { return 0; }
  // From the sums of a batch to its loss, and the factor that its gradients still need; weights:
  // the sum of all weights, > 0.
  struct Result {
    double loss = 0;
    float grad_scale = 1;
  };
  virtual Result Of(double sum, double /*benchmark*/, double weights) const {
    return {sum / weights, 1};
  }
  // Whether Result's factor is another than 1.
  virtual bool has_factor() const { return false; }

  // Any quantile and samples can be asked for; else the outputs are the loss's own.
  virtual bool any_quantile() const { return false; }
  // The raw outputs are parameters of a distribution, no values of y.
  virtual bool distribution() const { return false; }
  // Throws kOutOfRange naming the series of a value that the loss is not defined for. what begins
  // the message.
  virtual void CheckTargets(const Panel&, std::span<const std::string> /*names*/,
                            const std::string& /*what*/) const {}
  // Of one series of a row: the values of `steps` steps, step t's P raw outputs at raw + t *
  // stride, in the unit of y. out: [steps, asked.size()] of a distribution, else [steps, own
  // outputs], in the order of their quantiles so that no interval is inside out. parameters: the
  // model's slab.
  virtual void Values(const float* raw, int64_t steps, int64_t stride, ScalerType scaler,
                      WindowScale scale, const Asked& asked, int64_t row, const float* parameters,
                      double* out) const = 0;
  // Of a distribution: one draw of a step with these P raw outputs, in the unit of y.
  virtual double Draw(const float* raw, WindowScale scale, Philox& random) const;
};

std::unique_ptr<Head> MakeHead(const LossConfig& config);

// What a head of each kind is made by (MakeHead asks the loss's entry).
std::unique_ptr<Head> MakePointHead(const LossConfig& config);
std::unique_ptr<Head> MakeDistributionHead(const LossConfig& config);
std::unique_ptr<Head> MakeMaseHead(const LossConfig& config);
std::unique_ptr<Head> MakeRelMseHead(const LossConfig& config);
std::unique_ptr<Head> MakeTukeyHead(const LossConfig& config);
std::unique_ptr<Head> MakeFreDfHead(const LossConfig& config);
std::unique_ptr<Head> MakeImplicitQuantileHead(const LossConfig& config);

// Puts the values of one step in the order of their quantiles, which `ascending` gives
// (LossConfig::Ascending). Equal and ordered ones stay where they are.
void SortQuantiles(std::span<const int32_t> ascending, double* values);

}  // namespace nf

#endif  // NF_HEADS_HEAD_H_
