// Losses: value and gradient in one pass over a shard of rows.
#ifndef NF_KERNELS_LOSSES_H_
#define NF_KERNELS_LOSSES_H_

#include <cstddef>
#include <cstdint>

namespace nf {

// Formulas as in NeuralForecast (reference: its losses module): with e = y - y_hat
//   kMae |e|   kMse e^2 (also RMSE: the caller takes the root and scales the gradient)
//   kHuber 0.5 e^2 if |e| <= delta else delta (|e| - 0.5 delta)
//   kMape |e| / |y|, 0 where y = 0      kSmape 2 |e| / (|y| + |y_hat|), 0 where both are 0
//   kQuantile max(q e, (q - 1) e), for each of the Q quantiles (Q = 1: QuantileLoss)
//   kHuberQuantile as kQuantile with Huber's |e| (delta)
enum class LossKind : uint8_t { kMae, kMse, kHuber, kMape, kSmape, kQuantile, kHuberQuantile };

struct LossArgs {
  LossKind kind = LossKind::kMae;
  float delta = 1.0f;
  const float* quantiles = nullptr;           // Q values
  size_t rows = 0, horizon = 0, outputs = 1;  // outputs = Q
  const float* y_hat = nullptr;               // [rows, horizon, Q]
  const float* y = nullptr;                   // [rows, horizon]
  const float* weight = nullptr;              // [rows, horizon], mask times horizon weight, >= 0
  float grad_scale = 1.0f;  // factor on the gradient: 1 / (sum of weights (times Q))
  float* grad = nullptr;    // [rows, horizon, Q]; nullptr: value only
};

struct LossKernels {
  // Returns the sum over rows, horizon and quantiles of weight * loss (not divided), in double, in
  // a fixed order. Sub-gradients at kinks: 0 for |.| at 0 (torch's sign), q e -> -q for e >= 0.
  double (*loss)(const LossArgs& args);
};

}  // namespace nf

#endif  // NF_KERNELS_LOSSES_H_
