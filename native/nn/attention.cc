#include "nn/attention.h"

#include <cmath>

#include "nn/linear.h"
#include "ops/concat.h"
#include "ops/linear.h"

namespace nf {
namespace {

// Channels of x [L, D] behind those of `before` [L, C], head by head: [L, C + D].
Tensor BesideByHead(Recorder& g, Tensor before, Tensor x, int64_t heads) {
  if (before.empty()) return x;
  const int64_t time = g.dims(x)[0];
  const auto by_head = [&](Tensor t) { return g.Reshape(t, {time, heads, g.dims(t)[1] / heads}); };
  const Tensor y = Concat(g, {by_head(before), by_head(x)}, Axis(2));
  return g.Reshape(y, {time, g.size(y) / time});
}

}  // namespace

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

Tensor ResidualAttention(Recorder& g, Tensor x, AttentionOptions options, ScoreTerms* terms,
                         const std::string& name) {
  const int64_t width = g.dims(x).back();
  const auto project = [&](Tensor from, const char* which) {
    return LinearLayer(g, from, width, Activation::kNone, name + "." + which);
  };
  ScoreTerms own;
  own.queries = project(x, "W_Q");
  own.keys = project(x, "W_K");
  const Tensor values = project(x, "W_V");
  if (terms != nullptr) {
    terms->queries = BesideByHead(g, terms->queries, own.queries, options.heads);
    terms->keys = BesideByHead(g, terms->keys, own.keys, options.heads);
    own = *terms;
  }
  options.scale = std::sqrt(static_cast<double>(options.heads) / static_cast<double>(width));
  return project(Attention(g, own.queries, own.keys, values, options), "to_out.0");
}

}  // namespace nf
