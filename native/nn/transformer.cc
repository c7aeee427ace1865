#include "nn/transformer.h"

#include "nn/attention.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "ops/dropout.h"
#include "ops/elementwise.h"
#include "ops/slice.h"

namespace nf {
namespace {

Tensor FeedForward(Recorder& g, Tensor x, const TransformerOptions& o, const std::string& name) {
  Tensor y = CausalConv(g, x, o.feed_forward, 1, 1, o.gelu ? Activation::kNone : Activation::kRelu,
                        name + ".conv1");
  if (o.gelu) y = Gelu(g, y);
  y = CausalConv(g, Dropout(g, y, o.dropout), g.dims(x)[1], 1, 1, Activation::kNone,
                 name + ".conv2");
  return Dropout(g, y, o.dropout);
}

Tensor Attend(Recorder& g, Tensor x, Tensor memory, const TransformerOptions& o,
              const std::string& name) {
  const AttentionOptions options = {.heads = o.heads, .dropout = o.dropout};
  return Dropout(g, AttentionLayer(g, x, memory, options, name), o.dropout);
}

}  // namespace

Tensor EncoderLayer(Recorder& g, Tensor x, const TransformerOptions& options,
                    const std::string& name) {
  x = Add(g, x, Attend(g, x, x, options, name + ".attention"));
  x = LayerNorm(g, x, name + ".norm1");
  return LayerNorm(g, Add(g, x, FeedForward(g, x, options, name)), name + ".norm2");
}

Tensor DecoderLayer(Recorder& g, Tensor x, int64_t first, Tensor memory,
                    const TransformerOptions& options, const std::string& name) {
  const Tensor seen = x;
  x = SliceTime(g, x, first, g.dims(x)[0]);
  x = Add(g, x, Attend(g, x, seen, options, name + ".self_attention"));
  x = LayerNorm(g, x, name + ".norm1");
  x = Add(g, x, Attend(g, x, memory, options, name + ".cross_attention"));
  x = LayerNorm(g, x, name + ".norm2");
  return LayerNorm(g, Add(g, x, FeedForward(g, x, options, name)), name + ".norm3");
}

}  // namespace nf
