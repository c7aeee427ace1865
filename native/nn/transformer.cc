#include "nn/transformer.h"

#include "nn/attention.h"
#include "nn/linear.h"

namespace nf {
namespace {

Tensor FeedForward(Builder& b, Tensor x, const TransformerOptions& o, const std::string& name) {
  Tensor y = CausalConv(b, x, o.feed_forward, 1, 1, o.gelu ? Activation::kNone : Activation::kRelu,
                        name + ".conv1");
  if (o.gelu) y = b.Gelu(y);
  y = CausalConv(b, b.Dropout(y, o.dropout), b.dims(x)[1], 1, 1, Activation::kNone,
                 name + ".conv2");
  return b.Dropout(y, o.dropout);
}

Tensor Attend(Builder& b, Tensor x, Tensor memory, const TransformerOptions& o,
              const std::string& name) {
  const AttentionOptions options = {.heads = o.heads, .dropout = o.dropout};
  return b.Dropout(AttentionLayer(b, x, memory, options, name), o.dropout);
}

}  // namespace

Tensor LayerNorm(Builder& b, Tensor x, const std::string& name) {
  const int64_t channels = b.dims(x).back();
  const Tensor weight = b.Parameter(name + ".weight", {channels}, 0.0, 1.0);
  return b.LayerNorm(x, weight, b.Parameter(name + ".bias", {channels}, 0.0));
}

Tensor EncoderLayer(Builder& b, Tensor x, const TransformerOptions& options,
                    const std::string& name) {
  x = b.Add(x, Attend(b, x, x, options, name + ".attention"));
  x = LayerNorm(b, x, name + ".norm1");
  return LayerNorm(b, b.Add(x, FeedForward(b, x, options, name)), name + ".norm2");
}

Tensor DecoderLayer(Builder& b, Tensor x, int64_t first, Tensor memory,
                    const TransformerOptions& options, const std::string& name) {
  const Tensor seen = x;
  x = b.SliceTime(x, first, b.dims(x)[0]);
  x = b.Add(x, Attend(b, x, seen, options, name + ".self_attention"));
  x = LayerNorm(b, x, name + ".norm1");
  x = b.Add(x, Attend(b, x, memory, options, name + ".cross_attention"));
  x = LayerNorm(b, x, name + ".norm2");
  return LayerNorm(b, b.Add(x, FeedForward(b, x, options, name)), name + ".norm3");
}

}  // namespace nf
