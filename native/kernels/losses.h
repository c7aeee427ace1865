// Losses: value and gradient in one pass over a shard of rows.
#ifndef NF_KERNELS_LOSSES_H_
#define NF_KERNELS_LOSSES_H_

#include <cstddef>
#include <cstdint>

namespace nf {

// Formulas as in NeuralForecast's losses, with e = y - y_hat and
// huber(z) = 0.5 z^2 if |z| <= delta else delta (|z| - 0.5 delta):
//   kMae |e|   kMse e^2 (also RMSE: the caller takes the root and scales the gradient)
//   kHuber huber(e)
//   kMape |e| / |y|, 0 where y = 0      kSmape 2 |e| / (|y| + |y_hat|), 0 where both are 0
//   kQuantile q e where e >= 0, (q - 1) e below; for each of the Q quantiles
//   kHuberQuantile q huber(e) where e >= 0, (1 - q) huber(e) below (HuberQLoss)
//   kHuberMultiQuantile huber(q e) and huber((1 - q) e): the reference's HuberMQLoss has the
//     quantile inside
// The reference's MQLoss and HuberMQLoss mean to divide by Q but divide by the length of an axis of
// size 1: their value is the sum over the quantiles, over the sum of weights.
enum class LossKind : uint8_t {
  kMae,
  kMse,
  kHuber,
  kMape,
  kSmape,
  kQuantile,
  kHuberQuantile,
  kHuberMultiQuantile
};

struct LossArgs {
  LossKind kind = LossKind::kMae;
  float delta = 1.0f;
  const float* quantiles = nullptr;           // Q values; only the kinds with quantiles read them
  size_t rows = 0, horizon = 0, outputs = 1;  // outputs = Q; 1 for the kinds without quantiles
  const float* y_hat = nullptr;               // [rows, horizon, Q]
  const float* y = nullptr;                   // [rows, horizon]
  // [rows, horizon], mask times horizon weight, >= 0. Where it is 0 the loss and its gradient are 0
  // whatever y and y_hat hold, NaN too.
  const float* weight = nullptr;
  float grad_scale = 1.0f;  // factor on the gradient: 1 / (sum of weights)
  float* grad = nullptr;    // [rows, horizon, Q]: d loss / d y_hat; nullptr: value only
};

struct LossKernels {
  // Returns the sum over rows, horizon and quantiles of weight * loss (not divided), in double, in
  // a fixed order. Sub-gradients at kinks are torch's: 0 for |.| at 0; 0.5 - q for kQuantile at
  // e = 0.
  double (*loss)(const LossArgs& args);
};

}  // namespace nf

#endif  // NF_KERNELS_LOSSES_H_
