// What is refused at recording: it would run on memory that is not there.
#include "graph/builder.h"

#include <gtest/gtest.h>

#include <functional>

#include "util/error.h"

namespace nf {
namespace {

struct Wrong {
  const char* op;  // what the message begins with
  std::function<Tensor(Builder&, Tensor x, Tensor parameter)> record;
};

// x and parameter are both [4, 4].
const Wrong kWrong[] = {
    {"Add", [](Builder& b, Tensor x, Tensor p) { return b.Add(x, p); }},
    {"Add", [](Builder& b, Tensor x, Tensor p) { return b.Add(p, x); }},
    {"Sub", [](Builder& b, Tensor x, Tensor p) { return b.Sub(x, p); }},
    {"SubMul", [](Builder& b, Tensor x, Tensor p) { return b.SubMul(x, p, x); }},
    {"Concat",
     [](Builder& b, Tensor x, Tensor p) {
       return b.Concat({x, p});
     }},
    {"Concat",
     [](Builder& b, Tensor x, Tensor p) {
       return b.ConcatLast({p, x}, 4);
     }},
    {"Slice", [](Builder& b, Tensor, Tensor p) { return b.Slice(p, 0, 2); }},
    {"Slice", [](Builder& b, Tensor, Tensor p) { return b.SliceThenZeros(p, 8, 8, {16}); }},
    {"Reverse", [](Builder& b, Tensor, Tensor p) { return b.Reverse(p); }},
    {"Transpose", [](Builder& b, Tensor, Tensor p) { return b.Transpose(p); }},
    {"RepeatRows", [](Builder& b, Tensor, Tensor p) { return b.RepeatRows(p, 2); }},
    {"RepeatLast", [](Builder& b, Tensor, Tensor p) { return b.RepeatLast(p, 2); }},
    {"SubLast", [](Builder& b, Tensor, Tensor p) { return b.SubLast(p); }},
    {"Unfold", [](Builder& b, Tensor, Tensor p) { return b.UnfoldCausal(p, 2, 1); }},
    {"Gelu", [](Builder& b, Tensor, Tensor p) { return b.Gelu(p); }},
    {"Dropout", [](Builder& b, Tensor, Tensor p) { return b.Dropout(p, 0.5); }},
    {"MaxPool", [](Builder& b, Tensor, Tensor p) { return b.MaxPool(p, 2); }},
    {"AveragePool", [](Builder& b, Tensor, Tensor p) { return b.AveragePool(p, 2); }},
    {"Attention",
     [](Builder& b, Tensor x, Tensor p) { return b.Attention(x, p, x, AttentionOptions{}); }},
    {"Linear",  // the weight must be one
     [](Builder& b, Tensor x, Tensor) { return b.Linear(x, x, {}, Activation::kNone); }},
    {"Linear", [](Builder& b, Tensor, Tensor p) { return b.Linear(p, p, {}, Activation::kNone); }},
    {"Linear", [](Builder& b, Tensor x, Tensor p) { return b.Linear(x, p, x, Activation::kNone); }},
    {"TimeLinear", [](Builder& b, Tensor x, Tensor p) { return b.TimeLinear(x, x, p); }},
    {"AffineInverse", [](Builder& b, Tensor x, Tensor p) { return b.Affine(x, x, p, true); }},
};

TEST(Builder, WeightsAndActivationsAreNotTakenForOneAnother) {
  for (const Wrong& wrong : kWrong) {
    Builder b;
    const Tensor x = b.Slice(b.Input(Input::kInsampleY, {16}), 0, 16, {4, 4});
    const Tensor parameter = b.Parameter("w", {4, 4}, 1.0);
    try {
      wrong.record(b, x, parameter);
      ADD_FAILURE() << wrong.op;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal);
      EXPECT_EQ(std::string(error.what()).find(std::string(wrong.op) + ": input "), 0u)
          << error.what();
    }
  }
}

TEST(Builder, ATensorThatIsNoneIsRefused) {
  Builder b;
  const Tensor x = b.Input(Input::kInsampleY, {4});
  EXPECT_THROW(b.Add(x, Tensor{}), Error);
  EXPECT_THROW(b.Add(x, Tensor{7}), Error);
}

// An error while there is one, instead of minutes of recording and planning.
TEST(Builder, AGraphHasAnEnd) {
  Builder b;
  Tensor x = b.Input(Input::kInsampleY, {1});
  try {
    for (int i = 0; i < 100000; ++i) x = b.Reverse(x);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
  }
}

}  // namespace
}  // namespace nf
