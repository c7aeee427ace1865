#include "data/scaler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/local_scaler.h"
#include "util/error.h"

namespace nf {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class F>
std::string MessageOf(ErrorCode code, const F& f) {
  try {
    f();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), code);
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

std::vector<ScalerType> AllScalers() {
  std::vector<ScalerType> types;
  for (std::string_view name : ScalerNames()) types.push_back(ParseScaler(name));
  return types;
}

std::vector<LocalScalerType> AllLocalScalers() {
  std::vector<LocalScalerType> types;
  for (std::string_view name : LocalScalerNames()) types.push_back(ParseLocalScaler(name));
  return types;
}

WindowScale FitOf(ScalerType type, std::vector<double> x, std::vector<uint8_t> mask = {}) {
  std::vector<double> scratch(x.size());
  return FitWindow(type, x.data(), mask.empty() ? nullptr : mask.data(),
                   static_cast<int64_t>(x.size()), scratch.data());
}

LocalScale LocalOf(LocalScalerType type, std::vector<double> x, std::vector<uint8_t> mask = {}) {
  std::vector<double> scratch(x.size());
  return FitLocal(type, x.data(), mask.empty() ? nullptr : mask.data(),
                  static_cast<int64_t>(x.size()), scratch.data(), "series 0, y");
}

TEST(Scaler, NamesAndUnknownNames) {
  EXPECT_EQ(AllScalers().size(), 7u);
  EXPECT_EQ(ParseScaler("identity"), ScalerType::kIdentity);
  EXPECT_EQ(ParseScaler("invariant"), ScalerType::kInvariant);
  EXPECT_EQ(ParseLocalScaler(""), LocalScalerType::kNone);
  EXPECT_EQ(ParseLocalScaler("standard"), LocalScalerType::kStandard);
  EXPECT_EQ(ParseLocalScaler("boxcox"), LocalScalerType::kBoxCox);
  EXPECT_EQ(MessageOf(ErrorCode::kOutOfRange, [] { ParseScaler("max"); }),
            "scalerType 'max' is unknown: use one of 'identity' 'standard' 'revin' 'robust' "
            "'minmax' 'minmax1' 'invariant'");
  EXPECT_EQ(MessageOf(ErrorCode::kOutOfRange, [] { ParseLocalScaler("max"); }),
            "localScalerType 'max' is unknown: use one of 'standard' 'robust' 'robust-iqr' "
            "'minmax' 'boxcox', or leave it out");
}

// 0.1 is not a binary fraction: a plain mean of equal values misses it by a rounding, and the
// spread of 1e-17 that is left would stand where 1 belongs.
TEST(Scaler, EqualValuesHaveScaleOne) {
  for (double value : {0.0, 0.1, -1234.567, 1e12 / 3, 3e-9}) {
    for (int64_t n : {1, 2, 7, 48}) {
      const std::vector<double> x(n, value);
      for (ScalerType type : AllScalers()) {
        const WindowScale s = FitOf(type, x);
        EXPECT_EQ(s.scale, type == ScalerType::kIdentity ? 1.0 : 1.0 + 1e-6);
        EXPECT_EQ(s.loc, type == ScalerType::kIdentity ? 0.0 : value);
      }
      for (LocalScalerType type : AllLocalScalers()) {
        if (type == LocalScalerType::kBoxCox && value <= 0.0) continue;
        const LocalScale s = LocalOf(type, x);
        EXPECT_EQ(s.scale, 1.0);
        EXPECT_EQ(s.lambda, 1.0);
        // Box-Cox subtracts 1: of 3e-9 it keeps eight digits.
        EXPECT_NEAR(InvertLocal(type, s, ApplyLocal(type, s, value)), value,
                    1e-7 * std::abs(value));
      }
    }
  }
}

TEST(Scaler, NothingObserved) {
  for (ScalerType type : AllScalers()) {
    for (const WindowScale& s : {FitOf(type, {}), FitOf(type, {kNan, 3.0}, {0, 0})}) {
      EXPECT_EQ(s.loc, 0.0);
      EXPECT_EQ(s.scale, type == ScalerType::kIdentity ? 1.0 : 1.0 + 1e-6);
    }
  }
  for (LocalScalerType type : AllLocalScalers()) {
    const LocalScale s = LocalOf(type, {kNan, -3.0}, {0, 0});
    EXPECT_EQ(s.loc, 0.0);
    EXPECT_EQ(s.scale, 1.0);
    EXPECT_EQ(s.lambda, 1.0);
  }
}

// Statistics with a mask are those of the observed values alone, whatever stands between.
TEST(Scaler, MaskedValuesDoNotCount) {
  const std::vector<double> all = {4.0, kNan, 1.5, -1e300, 8.0, 2.25, 1.0};
  const std::vector<uint8_t> mask = {1, 0, 1, 0, 1, 1, 0};
  const std::vector<double> kept = {4.0, 1.5, 8.0, 2.25};
  for (ScalerType type : AllScalers()) {
    EXPECT_EQ(FitOf(type, all, mask).loc, FitOf(type, kept).loc);
    EXPECT_EQ(FitOf(type, all, mask).scale, FitOf(type, kept).scale);
  }
  for (LocalScalerType type : AllLocalScalers()) {
    EXPECT_EQ(LocalOf(type, all, mask).loc, LocalOf(type, kept).loc);
    EXPECT_EQ(LocalOf(type, all, mask).scale, LocalOf(type, kept).scale);
    EXPECT_EQ(LocalOf(type, all, mask).lambda, LocalOf(type, kept).lambda);
  }
}

// MAD 0 with spread: the standard deviation stands in, at each parity of the count.
TEST(Scaler, MadOfZeroFallsBack) {
  for (std::vector<double> x : {std::vector<double>{5, 5, 5, 9}, {5, 5, 1, 9}, {5, 5, 5, 1, 9}}) {
    double mean = 0.0, squares = 0.0;
    for (double v : x) mean += v / x.size();
    for (double v : x) squares += (v - mean) * (v - mean) / x.size();
    const WindowScale s = FitOf(ScalerType::kRobust, x);
    EXPECT_EQ(s.loc, 5.0);
    EXPECT_NEAR(s.scale, 0.6744897501960817 * std::sqrt(squares) + 1e-6, 1e-12);
  }
  // The lower median of the deviations 4, 0, 1, 4.
  EXPECT_NEAR(FitOf(ScalerType::kRobust, {1, 5, 6, 9}).scale, 1.0 + 1e-6, 1e-12);
}

TEST(Scaler, RoundTripAndStride) {
  const std::vector<double> x = {4.0, 1.5, 8.0, 2.25, 1e3, -7.0};
  for (ScalerType type : AllScalers()) {
    const WindowScale s = FitOf(type, x);
    std::vector<float> out(3 * x.size(), -1.0f);
    ScaleWindow(type, s, x.data(), static_cast<int64_t>(x.size()), out.data(), 3);
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(Unscale(type, s, out[3 * i]), x[i], 1e-3);
      EXPECT_EQ(out[3 * i + 1], -1.0f);
      EXPECT_EQ(out[3 * i + 2], -1.0f);
    }
  }
}

// In f32 arithmetic a price near 1e6 keeps steps of 0.06 only.
TEST(Scaler, SmallMovesOfLargeValuesSurvive) {
  std::vector<double> x;
  for (int i = 0; i < 48; ++i) x.push_back(1e6 + 1e-3 * (i % 5));
  const WindowScale s = FitOf(ScalerType::kMinMax, x);
  std::vector<float> out(x.size());
  ScaleWindow(ScalerType::kMinMax, s, x.data(), 48, out.data());
  for (int i = 0; i < 48; ++i) EXPECT_NEAR(out[i], (i % 5) / 4.0, 1e-3);
}

TEST(LocalScaler, BoxCoxNeedsPositiveValues) {
  EXPECT_EQ(MessageOf(ErrorCode::kOutOfRange,
                      [] {
                        LocalOf(LocalScalerType::kBoxCox, {1.0, 0.0, 2.0});
                      }),
            "localScalerType 'boxcox' needs values above 0, but series 0, y holds 0.000000: use "
            "'standard', 'robust', 'robust-iqr' or 'minmax', or shift the data above 0");
  EXPECT_THROW(LocalOf(LocalScalerType::kBoxCox, {1.0, kNan}), Error);
}

// Lambda maximises the likelihood: no grid point of (0, 2) is better.
TEST(LocalScaler, BoxCoxLambdaIsTheBest) {
  std::vector<double> x;
  for (int i = 1; i <= 60; ++i) x.push_back(std::pow(20.0 + 5.0 * std::sin(i * 1.7), 1.0 / 0.6));
  const auto likelihood = [&](double lambda) {
    double mean = 0.0, variance = 0.0, logs = 0.0;
    for (double v : x) mean += (std::pow(v, lambda) - 1.0) / lambda / x.size();
    for (double v : x) {
      variance += std::pow((std::pow(v, lambda) - 1.0) / lambda - mean, 2.0) / x.size();
      logs += std::log(v);
    }
    return -0.5 * x.size() * std::log(variance) + (lambda - 1.0) * logs;
  };
  const double best = LocalOf(LocalScalerType::kBoxCox, x).lambda;
  for (int i = 1; i < 200; ++i) EXPECT_GE(likelihood(best), likelihood(0.01 * i) - 1e-6);
}

// Monotone, defined and invertible everywhere, also where no power of a positive number reaches.
TEST(LocalScaler, BoxCoxIsDefinedEverywhere) {
  for (double lambda : {4e-5, 0.3, 1.0, 1.9}) {
    const LocalScale s{0.0, 1.0, lambda};
    double last = -std::numeric_limits<double>::infinity();
    for (double x : {-40.0, -1.0, -0.01, 0.0, 0.01, 1.0, 40.0}) {
      const double z = ApplyLocal(LocalScalerType::kBoxCox, s, x);
      EXPECT_GE(z, last);
      last = z;
      EXPECT_NEAR(InvertLocal(LocalScalerType::kBoxCox, s, z), x, 1e-6 * (1.0 + std::abs(x)));
    }
  }
}

Panel TwoSeries() {
  Panel panel;
  panel.offsets = {0, 4, 9};
  panel.y = Column(std::vector<double>{1, 2, 3, 4, 10, 20, 30, kNan, 50}, true);
  panel.mask = {1, 1, 1, 1, 1, 1, 1, 0, 1};
  panel.historic_names = {"volume"};
  panel.historic.emplace_back(std::vector<double>{4, 3, 2, 1, 9, 9, 9, 9, 9}, true);
  panel.future_names = {"day"};
  panel.future.emplace_back(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}, true);
  return panel;
}

TEST(LocalScaler, PanelInPlace) {
  for (LocalScalerType type : AllLocalScalers()) {
    Panel panel = TwoSeries();
    const Panel raw = TwoSeries();
    const PanelScales scales = ScalePanel(type, panel);
    ASSERT_EQ(scales.y.size(), 2u);
    ASSERT_EQ(scales.future.size(), 1u);
    ASSERT_EQ(scales.future[0].size(), 2u);
    for (int64_t s = 0; s < 2; ++s) {
      for (int64_t i = raw.offsets[s]; i < raw.offsets[s + 1]; ++i) {
        EXPECT_NEAR(InvertLocal(type, scales.future[0][s], panel.future[0][i]), raw.future[0][i],
                    1e-9);
        EXPECT_TRUE(std::isfinite(panel.historic[0][i]));
        if (!raw.observed(i)) continue;
        EXPECT_NEAR(InvertLocal(type, scales.y[s], panel.y[i]), raw.y[i], 1e-9);
      }
    }
  }
  Panel panel = TwoSeries();
  const PanelScales scales = ScalePanel(LocalScalerType::kMinMax, panel);
  EXPECT_EQ(scales.y[1].loc, 10.0);
  EXPECT_EQ(scales.y[1].scale, 40.0);
  EXPECT_EQ(panel.y[5], 0.25);
  EXPECT_EQ(panel.historic[0][5], 0.0);  // constant: scale 1
}

TEST(LocalScaler, PanelErrorsNameTheColumn) {
  Panel panel = TwoSeries();
  panel.historic[0].Write(6, -1.0);
  const std::vector<std::string> ids = {"AAPL", "MSFT"};
  EXPECT_NE(
      MessageOf(ErrorCode::kOutOfRange, [&] { ScalePanel(LocalScalerType::kBoxCox, panel, ids); })
          .find("series 'MSFT', 'volume' holds -1.000000"),
      std::string::npos);
}

}  // namespace
}  // namespace nf
