// Axes are named in the call, and one that is not there or does not fit is an error at once.
#include "ops/axis.h"

#include <gtest/gtest.h>

#include "ops/concat.h"
#include "ops/last.h"
#include "ops/reverse.h"
#include "ops/slice.h"
#include "util/error.h"

namespace nf {
namespace {

TEST(Axes, SplitWhatStandsBeforeAndBehindThem) {
  Recorder g;
  const Tensor x = g.Input(Input::kInsampleY, {2, 3, 4, 5});
  const AlongAxis third(g, x, Axis(2)), last(g, x, Axis(-1));
  EXPECT_EQ(third.outer, 6);
  EXPECT_EQ(third.count, 4);
  EXPECT_EQ(third.inner, 5);
  EXPECT_EQ(third.With(7), (std::vector<int64_t>{2, 3, 7, 5}));
  EXPECT_EQ(last.place, 3u);
  EXPECT_EQ(last.inner, 1);
}

TEST(Axes, MustBeThereAndFit) {
  Recorder g;
  const Tensor x = g.Input(Input::kHistoric, {4, 3}), y = g.Input(Input::kInsampleY, {4});
  EXPECT_THROW(AlongAxis(g, y, Axis(1)), Error);
  EXPECT_THROW(AlongAxis(g, y, Axis(-2)), Error);
  EXPECT_THROW(Slice(g, x, Axis(1), 0, 4), Error);
  EXPECT_THROW(Slice(g, x, Axis(0), 3, 2), Error);
  EXPECT_THROW(Slice(g, x, Axis(0), 0, 2, {5}), Error);
  EXPECT_THROW(SliceThenZeros(g, x, Axis(1), 4, 1), Error);
  EXPECT_THROW(Concat(g, {x, y}, Axis(0)), Error);
  EXPECT_THROW(Concat(g, {x, g.Reshape(x, {3, 4})}, Axis(0)), Error);
  EXPECT_THROW(Reverse(g, x, Axis(0)), Error);
  EXPECT_THROW(RepeatLast(g, x, Axis(0), 2), Error);
  EXPECT_THROW(SubLast(g, x, Axis(0)), Error);
}

}  // namespace
}  // namespace nf
