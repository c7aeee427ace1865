// Implicit quantiles (Gouttes et al., 2021): a small network behind the model turns its one output
// and a quantile's level into that quantile. Trained at levels that are drawn anew for each value.
//   embedding = Linear(PReLU(Linear(cos(pi i level)))), quantile = PReLU(Linear(raw (1 +
//   embedding)))
#include <algorithm>
#include <cmath>
#include <vector>

#include "heads/head.h"
#include "heads/special.h"
#include "kernels/ref/losses.h"
#include "ops/cosines.h"
#include "ops/elementwise.h"
#include "ops/linear.h"
#include "ops/prelu.h"
#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

constexpr double kFreshSlope = 0.25;  // torch's

class ImplicitQuantileHead final : public Head {
 public:
  explicit ImplicitQuantileHead(const LossConfig& config)
      : kind_(config.kind()), delta_(config.delta), cosines_(config.cos_embedding_dim) {
    // Other than uniform draws are looked up in a table of the distribution's quantiles.
    if (config.concentration0 == 1 && config.concentration1 == 1) return;
    const auto cdf = [&](double x) {
      return BetaCdf(config.concentration1, config.concentration0, x);
    };
    for (int64_t i = 0; i <= kTable; ++i)
      beta_.push_back(Solve(cdf, static_cast<double>(i) / kTable, 0, 1));
  }

  int64_t width() const override { return 1; }
  bool any_quantile() const override { return true; }
  LossPorts ports() const override { return {.level = true}; }

  Tensor Record(Recorder& g, Tensor raw) const override {
    const int64_t points = g.size(raw);
    const Tensor level = g.Reshape(g.Input(Input::kLevel, {points}), {points, 1});
    Tensor x = Dense(g, Cosines(g, level, cosines_), cosines_, "quantile_layer.output_layer.0");
    x = PRelu(g, x, Slope(g, "quantile_layer.output_layer.1"));
    x = Dense(g, x, 1, "quantile_layer.output_layer.2");
    const Tensor own = g.Reshape(raw, {points, 1});
    x = Dense(g, Add(g, own, Mul(g, own, x)), 1, "output_layer.0");
    return PRelu(g, x, Slope(g, "output_layer.1"));
  }

  void Attach(const Graph& graph) override {
    for (size_t i = 0; i < offsets_.size(); ++i) {
      for (TensorId id : graph.stored)
        if (graph.tensor(id).name == "loss." + kNames[i]) offsets_[i] = graph.tensor(id).offset;
    }
  }

  void DrawLevels(uint64_t seed, int64_t step, int64_t row,
                  std::span<float> levels) const override {
    Philox random(seed, RngStream::kLevels, static_cast<uint64_t>(step),
                  static_cast<uint32_t>(row));
    for (float& level : levels) level = static_cast<float>(LevelOf(OpenUniform(random)));
  }

  // Of a metric, whose level is 0.5, too.
  double Loss(const KernelTable&, const LossRows& rows) const override {
    double sum = 0;
    for (int64_t i = 0; i < rows.rows * rows.points; ++i) {
      const auto weight = static_cast<double>(rows.weight[i]);
      ref::LossAndSlope<double> point{0, 0};
      if (weight != 0) {
        const double level = rows.level == nullptr ? 0.5 : static_cast<double>(rows.level[i]);
        point = ref::PointLoss(kind_, static_cast<double>(rows.target[i]),
                               static_cast<double>(rows.raw[i]), level, delta_);
      }
      sum += weight * point.loss;
      if (rows.grad == nullptr) continue;
      rows.grad[i] =
          static_cast<float>(weight * static_cast<double>(rows.grad_scale) * point.slope);
    }
    return sum;
  }

  // The point forecast is the median, whatever else is asked. The network's quantiles may cross:
  // those below 0.5 are kept below the median, those above it above, and in order among themselves.
  void Values(const float* raw, int64_t steps, int64_t stride, ScalerType scaler, WindowScale scale,
              const Asked& asked, int64_t row, const float* parameters,
              double* out) const override {
    thread_local std::vector<double> factor, levels;
    thread_local std::vector<int32_t> order;
    levels.clear(), factor.clear();
    for (const Output& output : asked.outputs) levels.push_back(output.value_or(0.5));
    Philox random(asked.seed, RngStream::kSamples, asked.first_row + static_cast<uint64_t>(row), 0);
    const auto own = static_cast<size_t>(asked.outputs.size());
    for (double level : levels) factor.push_back(1 + Embedding(level, parameters));
    // A metric asks for quantiles alone.
    const size_t points = own > 0 && !asked.outputs[0] ? 1 : 0;
    order.clear();
    for (size_t i = points; i < own; ++i) order.push_back(static_cast<int32_t>(i));
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return levels[static_cast<size_t>(a)] < levels[static_cast<size_t>(b)];
    });
    for (int64_t t = 0; t < steps; ++t, raw += stride, out += asked.size()) {
      const auto value = [&](double by) {
        return Unscale(scaler, scale, Quantile(static_cast<double>(*raw) * by, parameters));
      };
      for (size_t i = 0; i < own; ++i) out[i] = value(factor[i]);
      for (size_t i = points; points > 0 && i < own; ++i)
        out[i] = levels[i] < 0.5 ? std::min(out[i], out[0]) : std::max(out[i], out[0]);
      SortQuantiles(order, out);
      for (int64_t i = 0; i < asked.samples; ++i) {
        out[static_cast<int64_t>(own) + i] = value(1 + Embedding(OpenUniform(random), parameters));
      }
    }
  }

 private:
  static constexpr int64_t kTable = 4096;
  enum Layer {
    kFirst,
    kFirstBias,
    kFirstSlope,
    kSecond,
    kSecondBias,
    kLast,
    kLastBias,
    kLastSlope
  };
  static inline const std::array<std::string, 8> kNames = {"quantile_layer.output_layer.0.weight",
                                                           "quantile_layer.output_layer.0.bias",
                                                           "quantile_layer.output_layer.1.weight",
                                                           "quantile_layer.output_layer.2.weight",
                                                           "quantile_layer.output_layer.2.bias",
                                                           "output_layer.0.weight",
                                                           "output_layer.0.bias",
                                                           "output_layer.1.weight"};

  static Tensor Dense(Recorder& g, Tensor x, int64_t out, const std::string& name) {
    const int64_t in = g.dims(x).back();
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    const Weight weight = g.Parameter("loss." + name + ".weight", {out, in}, bound);
    return Linear(g, x, weight, g.Parameter("loss." + name + ".bias", {out}, bound),
                  Activation::kNone);
  }
  static Weight Slope(Recorder& g, const std::string& name) {
    return g.Parameter("loss." + name + ".weight", {1}, 0, kFreshSlope);
  }

  double LevelOf(double u) const {
    if (beta_.empty()) return u;
    const double at = u * static_cast<double>(kTable);
    const auto i = static_cast<size_t>(at);
    const double t = at - static_cast<double>(i);
    return (1 - t) * beta_[i] + t * beta_[i + 1];
  }

  double Weighing(Layer layer, int64_t i, const float* parameters) const {
    return static_cast<double>(parameters[offsets_[layer] + i]);
  }
  double Rectified(double x, Layer slope, const float* parameters) const {
    return x > 0 ? x : x * Weighing(slope, 0, parameters);
  }
  double Embedding(double level, const float* parameters) const {
    double sum = Weighing(kSecondBias, 0, parameters);
    thread_local std::vector<double> cosine;
    cosine.clear();
    for (int64_t i = 0; i < cosines_; ++i)
      cosine.push_back(std::cos(3.14159265358979323846 * static_cast<double>(i) * level));
    for (int64_t unit = 0; unit < cosines_; ++unit) {
      double x = Weighing(kFirstBias, unit, parameters);
      for (int64_t i = 0; i < cosines_; ++i)
        x += Weighing(kFirst, unit * cosines_ + i, parameters) * cosine[static_cast<size_t>(i)];
      sum += Weighing(kSecond, unit, parameters) * Rectified(x, kFirstSlope, parameters);
    }
    return sum;
  }
  double Quantile(double x, const float* parameters) const {
    return Rectified(Weighing(kLast, 0, parameters) * x + Weighing(kLastBias, 0, parameters),
                     kLastSlope, parameters);
  }

  const LossKind kind_;
  const double delta_;
  const int64_t cosines_;
  std::vector<double> beta_;
  std::array<int64_t, 8> offsets_{};
};

}  // namespace

std::unique_ptr<Head> MakeImplicitQuantileHead(const LossConfig& config) {
  return std::make_unique<ImplicitQuantileHead>(config);
}

}  // namespace nf
