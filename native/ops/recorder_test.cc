// What is refused at recording or does not compile: it would run on memory that is not there.
#include "graph/recorder.h"

#include <gtest/gtest.h>

#include "ops/attention.h"
#include "ops/broadcast.h"
#include "ops/concat.h"
#include "ops/elementwise.h"
#include "ops/layer_norm.h"
#include "ops/linear.h"
#include "ops/reverse.h"
#include "util/error.h"

namespace nf {
namespace {

// Whether an op takes arguments of these types.
#define NF_TAKES(Op)                                         \
  template <class... Args>                                   \
  concept Op##Takes = requires(Recorder & g, Args... args) { \
    Op(g, args...);                                          \
  }
NF_TAKES(Add);
NF_TAKES(Reverse);
NF_TAKES(Broadcast);
NF_TAKES(Linear);
NF_TAKES(LayerNorm);
NF_TAKES(Attention);
#undef NF_TAKES

static_assert(AddTakes<Tensor, Tensor>);
static_assert(!AddTakes<Tensor, Weight> && !AddTakes<Weight, Tensor>);
static_assert(ReverseTakes<Tensor, Axis> && !ReverseTakes<Weight, Axis>);
static_assert(!ReverseTakes<Tensor>);  // an axis is named
static_assert(BroadcastTakes<Weight> && !BroadcastTakes<Tensor>);
static_assert(LinearTakes<Tensor, Weight, Weight, Activation>);
static_assert(!LinearTakes<Tensor, Tensor, Weight, Activation>);
static_assert(!LinearTakes<Tensor, Weight, Tensor, Activation>);
static_assert(!LinearTakes<Weight, Weight, Weight, Activation>);
static_assert(LayerNormTakes<Tensor, Weight, Weight> && !LayerNormTakes<Tensor, Tensor, Weight>);
static_assert(AttentionTakes<Tensor, Tensor, Tensor, AttentionOptions>);
static_assert(!AttentionTakes<Tensor, Weight, Tensor, AttentionOptions>);

TEST(Recorder, ATensorThatIsNoneIsRefused) {
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {4});
  EXPECT_THROW(Add(g, x, Tensor{}), Error);
  EXPECT_THROW(Add(g, x, Tensor{7, 7}), Error);
  EXPECT_THROW(Broadcast(g, Weight{}), Error);
}

TEST(Recorder, ReshapeIsTheSameMemory) {
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {6});
  const Tensor y = g.Reshape(x, {2, 3}), z = g.Reshape(y, {3, 2});
  EXPECT_EQ(z.id, x.id);
  EXPECT_EQ(g.dims(y), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(g.dims(z), (std::vector<int64_t>{3, 2}));
  EXPECT_EQ(g.dims(x), (std::vector<int64_t>{6}));
  EXPECT_THROW(g.Reshape(x, {5}), Error);
  const Tensor flat = g.Flatten(z);
  EXPECT_EQ(flat.id, x.id);
  EXPECT_EQ(g.dims(flat), (std::vector<int64_t>{6}));
  EXPECT_EQ(g.size(flat), 6);
}

// An error while there is one, instead of minutes of recording and planning.
TEST(Recorder, AGraphHasAnEnd) {
  Recorder g;
  Tensor x = g.Input(Input::kInsampleY, {1});
  try {
    for (int i = 0; i < 100000; ++i) x = Reverse(g, x, Axis(0));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
  }
}

}  // namespace
}  // namespace nf
