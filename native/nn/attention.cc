#include "nn/attention.h"

#include <cmath>

#include "nn/linear.h"

namespace nf {

Tensor AttentionLayer(Builder& b, Tensor queries, Tensor keys_values,
                      const AttentionOptions& options, const std::string& name) {
  const int64_t width = b.dims(queries).back();
  const auto project = [&](Tensor x, const char* which) {
    return LinearLayer(b, x, width, Activation::kNone, name + "." + which);
  };
  const Tensor q = project(queries, "query_projection");
  const Tensor k = project(keys_values, "key_projection");
  const Tensor v = project(keys_values, "value_projection");
  return project(b.Attention(q, k, v, options), "out_projection");
}

Tensor MultiheadAttention(Builder& b, Tensor queries, Tensor keys_values,
                          const AttentionOptions& options, const std::string& name) {
  const int64_t width = b.dims(queries).back();
  const double size = static_cast<double>(width);
  const Tensor weight =
      b.Parameter(name + ".in_proj_weight", {3 * width, width}, std::sqrt(6.0 / (4.0 * size)));
  const Tensor bias = b.Parameter(name + ".in_proj_bias", {3 * width}, 0.0);
  const Tensor out_weight =
      b.Parameter(name + ".out_proj.weight", {width, width}, 1.0 / std::sqrt(size));
  const Tensor out_bias = b.Parameter(name + ".out_proj.bias", {width}, 0.0);
  const Tensor q = b.LinearRows(queries, weight, bias, 0, width, Activation::kNone);
  const Tensor kv = b.LinearRows(keys_values, weight, bias, width, 3 * width, Activation::kNone);
  const Tensor y = b.Attention(q, {kv, 0, width}, {kv, width, width}, options);
  return b.Linear(y, out_weight, out_bias, Activation::kNone);
}

}  // namespace nf
