// The functions of simd/math-inl.h that no kernel shows alone, on every target, against double.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/math_test.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "simd/dispatch.h"
#include "simd/loop-inl.h"
#include "simd/math-inl.h"

#ifndef NF_MATH_FUNCTIONS_
#define NF_MATH_FUNCTIONS_
namespace nf {
struct MathFunctions {
  using Map = void (*)(const float* x, float* y, size_t n);
  Map erf, exp_negative, log_above_one;
};
}  // namespace nf
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

void ErfMap(const float* x, float* y, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes)
                  HWY_ATTR { lanes.Store(Erf(FloatTag(), lanes.Load(x + i)), y + i); });
}
void ExpNegativeMap(const float* x, float* y, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes)
                  HWY_ATTR { lanes.Store(ExpNegative(FloatTag(), lanes.Load(x + i)), y + i); });
}
void LogAboveOneMap(const float* x, float* y, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes)
                  HWY_ATTR { lanes.Store(LogAboveOne(FloatTag(), lanes.Load(x + i)), y + i); });
}
void FillMathTarget(MathFunctions& f) { f = {ErfMap, ExpNegativeMap, LogAboveOneMap}; }

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>
#include <vector>

#include "hwy/targets.h"
#include "testing/kernel_inputs.h"

namespace nf {
HWY_EXPORT(FillMathTarget);
namespace {

// Floats in [low, high], every `stride`th of their magnitudes, and of both signs if low < 0.
std::vector<float> Sweep(float low, float high, uint32_t stride) {
  std::vector<float> x;
  for (uint64_t bits = 0; bits <= 0x7F800000u; bits += stride) {
    const float v = std::bit_cast<float>(static_cast<uint32_t>(bits));
    for (float s : {v, -v}) {
      if (s >= low && s <= high) x.push_back(s);
    }
  }
  x.push_back(low);
  x.push_back(high);
  return x;
}

void ExpectWithinUlp(MathFunctions::Map MathFunctions::*map, const std::vector<float>& x,
                     double (*expected)(double), double ulp) {
  for (int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) {
    const int64_t target = left & -left;
    SCOPED_TRACE(hwy::TargetName(target));
    MathFunctions functions;
    ForTarget(HWY_DISPATCH_TABLE(FillMathTarget), target)(functions);
    std::vector<float> y(x.size());
    (functions.*map)(x.data(), y.data(), x.size());
    double worst = 0.0;
    float at = 0.0f;
    for (size_t i = 0; i < x.size(); ++i) {
      const double distance = UlpDistance(y[i], expected(x[i]));
      if (distance > worst) worst = distance, at = x[i];
    }
    EXPECT_LE(worst, ulp) << "at x = " << at;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    float result = 0.0f;
    (functions.*map)(&nan, &result, 1);
    EXPECT_TRUE(std::isnan(result));
  }
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Math, Erf) {
  ExpectWithinUlp(
      &MathFunctions::erf, Sweep(-kInfinity, kInfinity, 1009), [](double x) { return std::erf(x); },
      1.4);
}

TEST(Math, ExpNegative) {
  const auto exact = [](double x) { return x < -87.0 ? 0.0 : std::exp(x); };
  ExpectWithinUlp(&MathFunctions::exp_negative, Sweep(-kInfinity, 1e-6f, 1009), exact, 1.1);
}

TEST(Math, LogAboveOne) {
  ExpectWithinUlp(
      &MathFunctions::log_above_one, Sweep(1.0f, std::numeric_limits<float>::max(), 1009),
      [](double x) { return std::log(x); }, 2.0);
}

}  // namespace
}  // namespace nf
#endif  // HWY_ONCE
