// The loop of every array kernel: full vectors, then one partial vector, through the same body, so
// an element's bits do not depend on its position.
#include <cstddef>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"

#if defined(NF_SIMD_LOOP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_SIMD_LOOP_INL_H_
#undef NF_SIMD_LOOP_INL_H_
#else
#define NF_SIMD_LOOP_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVec = hn::Vec<FloatTag>;
constexpr size_t kLanes = HWY_LANES(float);

struct FullLanes {
  FloatVec Load(const float* p) const { return hn::LoadU(FloatTag(), p); }
  void Store(FloatVec v, float* p) const { hn::StoreU(v, FloatTag(), p); }
  FloatVec Keep(FloatVec v) const { return v; }
};

// The first `count` lanes; the others load as 0 and are not stored. Keep: makes them 0 (for sums).
struct PartLanes {
  size_t count;
  FloatVec Load(const float* p) const { return hn::LoadN(FloatTag(), p, count); }
  void Store(FloatVec v, float* p) const { hn::StoreN(v, FloatTag(), p, count); }
  FloatVec Keep(FloatVec v) const { return hn::IfThenElseZero(hn::FirstN(FloatTag(), count), v); }
};

// Calls body(i, lanes) for i = 0, N, 2N, ...: lanes.Load(x + i), lanes.Store(v, y + i). A lambda
// body needs HWY_ATTR behind its parameters.
template <class Body>
HWY_INLINE void ForLanes(size_t n, const Body& body) {
  const size_t step = hn::Lanes(FloatTag());
  size_t i = 0;
  for (; i + step <= n; i += step) body(i, FullLanes{});
  if (i < n) body(i, PartLanes{n - i});
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_SIMD_LOOP_INL_H_
