#include "data/panel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "util/error.h"

namespace nf {
namespace {

std::vector<double> ValuesOf(const Column& column) {
  std::vector<double> values(column.size());
  column.Read(0, values);
  return values;
}

TEST(Column, CompactOnlyWhenNothingIsLost) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(Column(std::vector<double>{1.0, 0.5, -3.25, nan}, true).compact());
  EXPECT_EQ(Column(std::vector<double>{1.0, 0.5}, true).bytes(), 8u);
  EXPECT_FALSE(Column(std::vector<double>{1.0, 0.1}, true).compact());
  EXPECT_FALSE(Column(std::vector<double>{1.0, 1e300}, true).compact());
  EXPECT_FALSE(Column(std::vector<double>{1.0, 0.5}, false).compact());
  EXPECT_TRUE(Column(std::vector<float>{1.0f, 0.1f}, true).compact());
  EXPECT_FALSE(Column(std::vector<float>{1.0f, 0.1f}, false).compact());
  EXPECT_EQ(Column(std::vector<float>{1.0f, 0.1f}, false)[1], static_cast<double>(0.1f));
}

TEST(Column, ReadsRanges) {
  for (bool compact : {false, true}) {
    const Column column(std::vector<double>{1, 2, 3, 4, 5}, compact);
    EXPECT_EQ(column.compact(), compact);
    std::vector<double> out(3);
    column.Read(1, out);
    EXPECT_EQ(out, (std::vector<double>{2, 3, 4}));
    column.Read(5, std::span<double>());
    EXPECT_THROW(column.Read(3, out), std::exception);
    EXPECT_THROW(column.Read(-1, out), std::exception);
    EXPECT_EQ(column[4], 5.0);
  }
}

TEST(Column, WritesWidenWhenNeeded) {
  Column column(std::vector<double>{1, 2, 3}, true);
  column.Write(1, 0.25);
  EXPECT_TRUE(column.compact());
  column.Write(2, 0.1);
  EXPECT_FALSE(column.compact());
  EXPECT_EQ(ValuesOf(column), (std::vector<double>{1, 0.25, 0.1}));
}

TEST(Column, EmptyAndAligned) {
  const Column empty(std::vector<double>{}, true);
  EXPECT_EQ(empty.size(), 0);
  EXPECT_EQ(empty.bytes(), 0u);
  EXPECT_EQ(Column().size(), 0);
}

Panel ThreeSeries(bool compact) {
  Panel panel;
  panel.offsets = {0, 3, 3, 8};
  panel.y = Column(std::vector<double>{1, 2, 3, 11, 12, 13, 14, 15}, compact);
  panel.mask = {1, 0, 1, 1, 1, 1, 0, 1};
  panel.historic_names = {"a"};
  panel.historic.emplace_back(std::vector<double>{-1, -2, -3, -11, -12, -13, -14, -15}, compact);
  panel.future_names = {"b"};
  panel.future.emplace_back(std::vector<double>{5, 6, 7, 8, 9, 10, 11, 12}, false);
  panel.static_names = {"s"};
  panel.statics = {1, 2, 3};
  return panel;
}

TEST(Panel, Tail) {
  for (bool compact : {false, true}) {
    const Panel panel = ThreeSeries(compact);
    const Panel tail = panel.Tail(4);
    EXPECT_EQ(tail.offsets, (std::vector<int64_t>{0, 3, 3, 7}));
    EXPECT_EQ(ValuesOf(tail.y), (std::vector<double>{1, 2, 3, 12, 13, 14, 15}));
    EXPECT_EQ(tail.y.compact(), compact);
    EXPECT_EQ(tail.mask, (std::vector<uint8_t>{1, 0, 1, 1, 1, 0, 1}));
    EXPECT_EQ(ValuesOf(tail.historic[0]), (std::vector<double>{-1, -2, -3, -12, -13, -14, -15}));
    EXPECT_EQ(ValuesOf(tail.future[0]), (std::vector<double>{5, 6, 7, 9, 10, 11, 12}));
    EXPECT_EQ(tail.static_names, panel.static_names);
    EXPECT_EQ(tail.statics, panel.statics);
    EXPECT_EQ(ValuesOf(panel.Tail(100).y), ValuesOf(panel.y));
    EXPECT_EQ(panel.Tail(0).num_rows(), 0);
    EXPECT_EQ(panel.Tail(0).num_series(), 3);
    EXPECT_LT(tail.bytes(), panel.bytes());
  }
}

TEST(Panel, AlignedOrNamed) {
  const std::vector<std::string> ids = {"a", "b", "c"};
  const auto fault = [&](const Panel& panel) -> std::pair<ErrorCode, std::string> {
    try {
      CheckAligned(panel, ids, "Model");
    } catch (const Error& error) {
      return {error.code(), error.what()};
    }
    return {ErrorCode::kInternal, "none"};
  };
  Panel panel;
  panel.offsets = {0, 2, 4, 6};
  EXPECT_EQ(fault(panel).second, "none");
  panel.ds = Column(std::vector<double>{1, 2, 1, 2, 1, 2}, false);
  EXPECT_EQ(fault(panel).second, "none");
  panel.ds.Write(4, 7);
  EXPECT_EQ(fault(panel).first, ErrorCode::kIrregularTimestamp);
  EXPECT_NE(fault(panel).second.find("row 0 of series 'c' is at another time"), std::string::npos);
  panel.offsets = {0, 2, 3, 6};
  EXPECT_EQ(
      fault(panel),
      std::make_pair(ErrorCode::kSeriesTooShort,
                     std::string("Model forecasts all series together, so that they must "
                                 "have the same rows: series 'a' has 2, and series 'c' has 3")));
}

TEST(Panel, Bytes) {
  const Panel panel = ThreeSeries(true);
  EXPECT_EQ(panel.bytes(), 8 * (4 + 4 + 8) + 8 + 4 * sizeof(int64_t) + 3 * sizeof(float));
}

}  // namespace
}  // namespace nf
