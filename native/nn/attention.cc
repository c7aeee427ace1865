#include "nn/attention.h"

#include <cmath>

#include "nn/linear.h"
#include "ops/linear.h"

namespace nf {

Tensor AttentionLayer(Recorder& g, Tensor queries, Tensor keys_values,
                      const AttentionOptions& options, const std::string& name) {
  const int64_t width = g.dims(queries).back();
  const auto project = [&](Tensor x, const char* which) {
    return LinearLayer(g, x, width, Activation::kNone, name + "." + which);
  };
  const Tensor q = project(queries, "query_projection");
  const Tensor k = project(keys_values, "key_projection");
  const Tensor v = project(keys_values, "value_projection");
  return project(Attention(g, q, k, v, options), "out_projection");
}

Tensor MultiheadAttention(Recorder& g, Tensor queries, Tensor keys_values,
                          const AttentionOptions& options, const std::string& name) {
  const int64_t width = g.dims(queries).back();
  const double size = static_cast<double>(width);
  const Weight weight =
      g.Parameter(name + ".in_proj_weight", {3 * width, width}, std::sqrt(6.0 / (4.0 * size)));
  const Weight bias = g.Parameter(name + ".in_proj_bias", {3 * width}, 0.0);
  const Weight out_weight =
      g.Parameter(name + ".out_proj.weight", {width, width}, 1.0 / std::sqrt(size));
  const Weight out_bias = g.Parameter(name + ".out_proj.bias", {width}, 0.0);
  const Tensor q = LinearRows(g, queries, weight, bias, 0, width, Activation::kNone);
  const Tensor kv = LinearRows(g, keys_values, weight, bias, width, 3 * width, Activation::kNone);
  const Tensor y = Attention(g, q, {kv, 0, width}, {kv, width, width}, options);
  return Linear(g, y, out_weight, out_bias, Activation::kNone);
}

}  // namespace nf
