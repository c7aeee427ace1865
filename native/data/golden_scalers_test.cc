// Against the real libraries: see test/golden/scalers.py.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "data/local_scaler.h"
#include "data/scaler.h"
#include "data/windows.h"
#include "util/json.h"

namespace nf {
namespace {

const Json& Golden() {
  static const Json golden = [] {
    const auto path =
        std::filesystem::path(__FILE__).parent_path() / "../../test/golden/data/scalers.json";
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return Json::Parse(text.str());
  }();
  return golden;
}

std::vector<double> Doubles(const Json& json) {
  std::vector<double> values;
  for (const Json& v : json.AsArray()) values.push_back(v.AsNumber());
  return values;
}

void ExpectClose(double expected, double got, double tolerance) {
  EXPECT_NEAR(got, expected, tolerance * std::max(1.0, std::abs(expected)));
}

TEST(GoldenScalers, WindowStatisticsAndValues) {
  const int64_t L = Golden().At("inputSize").AsInt();
  ASSERT_GE(Golden().At("windows").AsArray().size(), 10u);
  for (const Json& window : Golden().At("windows").AsArray()) {
    std::vector<uint8_t> mask;
    for (double m : Doubles(window.At("mask"))) mask.push_back(m != 0);
    for (const auto& [name, expected] : window.At("scalers").AsObject()) {
      const ScalerType type = ParseScaler(name);
      for (size_t column = 0; column < window.At("x").AsArray().size(); ++column) {
        SCOPED_TRACE(name + ", column " + std::to_string(column));
        const auto x = Doubles(window.At("x").AsArray()[column]);
        const auto z = Doubles(expected.At("z").AsArray()[column]);
        const auto inverse = Doubles(expected.At("inverse").AsArray()[column]);
        std::vector<double> scratch(x.size());
        std::vector<float> out(x.size());
        const WindowScale s = FitWindow(type, x.data(), mask.data(), L, scratch.data());
        const double loc = Doubles(expected.At("loc"))[column];
        const double scale = Doubles(expected.At("scale"))[column];
        EXPECT_NEAR(s.loc, loc, 1e-10 * std::max(1.0, std::abs(loc)));
        EXPECT_NEAR(s.scale, scale, 1e-10 * scale);
        ScaleWindow(type, s, x.data(), static_cast<int64_t>(x.size()), out.data());
        for (size_t t = 0; t < x.size(); ++t) {
          ExpectClose(z[t], out[t], 1e-6);
          ExpectClose(inverse[t], Unscale(type, s, z[t]), 1e-9);
        }
      }
    }
  }
}

// The same through a panel: the masked, padded and scaled batch row.
TEST(GoldenScalers, GatheredWindows) {
  const int64_t L = Golden().At("inputSize").AsInt(), h = Golden().At("horizon").AsInt();
  for (const Json& window : Golden().At("windows").AsArray()) {
    Panel panel;
    panel.offsets = {0, L + h};
    panel.y = Column(Doubles(window.At("x").AsArray()[0]), false);
    panel.future.emplace_back(Doubles(window.At("x").AsArray()[1]), false);
    panel.future_names = {"f"};
    for (double m : Doubles(window.At("mask"))) panel.mask.push_back(m != 0);
    for (const auto& [name, expected] : window.At("scalers").AsObject()) {
      SCOPED_TRACE(name);
      WindowShape shape;
      shape.lookback = L;
      shape.horizon = h;
      shape.future = {0};
      shape.scaler = ParseScaler(name);
      std::vector<float> in(L), out(h), future(L + h);
      std::vector<double> scratch(2 * (L + h));
      WindowRow row;
      row.insample_y = in.data();
      row.outsample_y = out.data();
      row.future = future.data();
      GatherFrame(panel, shape, {0, L}, row, scratch.data(), nullptr);
      const auto z_y = Doubles(expected.At("z").AsArray()[0]);
      const auto z_future = Doubles(expected.At("z").AsArray()[1]);
      for (int64_t t = 0; t < L + h; ++t) {
        ExpectClose(panel.observed(t) ? z_y[t] : 0.0, t < L ? in[t] : out[t - L], 1e-6);
        ExpectClose(z_future[t], future[t], 1e-6);
      }
    }
  }
}

TEST(GoldenScalers, LocalScalers) {
  ASSERT_GE(Golden().At("local").AsArray().size(), 10u);
  for (const Json& series : Golden().At("local").AsArray()) {
    const auto x = Doubles(series.At("x"));
    std::vector<double> shown(x.begin(), x.begin() + std::min<size_t>(5, x.size()));
    for (double v : Doubles(series.At("outside"))) shown.push_back(v);
    for (const auto& [name, expected] : series.At("scalers").AsObject()) {
      SCOPED_TRACE(name + " of " + std::to_string(x.size()) + " values");
      const LocalScalerType type = ParseLocalScaler(name);
      std::vector<double> scratch(x.size());
      const LocalScale s = FitLocal(type, x.data(), nullptr, static_cast<int64_t>(x.size()),
                                    scratch.data(), "series 0, y");
      const auto stats = Doubles(expected.At("stats"));
      if (type == LocalScalerType::kBoxCox) {
        EXPECT_NEAR(s.lambda, stats[0], 1e-6);
      } else {
        ExpectClose(stats[0], s.loc, 1e-10);
        EXPECT_NEAR(s.scale, stats[1] == 0.0 ? 1.0 : stats[1], 1e-10 * s.scale);
      }
      const auto z = Doubles(expected.At("z")), inverse = Doubles(expected.At("inverse"));
      ASSERT_EQ(z.size(), shown.size());
      for (size_t i = 0; i < z.size(); ++i) {
        ExpectClose(z[i], ApplyLocal(type, s, shown[i]), 1e-6);
        ExpectClose(inverse[i], InvertLocal(type, s, z[i] + 0.125), 1e-6);
      }
    }
  }
}

}  // namespace
}  // namespace nf
