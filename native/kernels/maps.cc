#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/maps.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/kernel_table.h"
#include "kernels/maps-inl.h"
#include "simd/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {
namespace {

template <class Map>
void UnaryForward(const float* x, float* y, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes)
                  HWY_ATTR { lanes.Store(Map::Value(MapVec(lanes.Load(x + i))).v, y + i); });
}

template <class Map>
void UnaryBackward(const float* kept, const float* dy, float* dx, bool accumulate, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    const MapVec slope = Map::Slope(MapVec(lanes.Load(kept + i)));
    const FloatVec grad = hn::Mul(lanes.Load(dy + i), slope.v);
    lanes.Store(accumulate ? hn::Add(lanes.Load(dx + i), grad) : grad, dx + i);
  });
}

template <class Map>
void BinaryForward(const float* a, const float* b, float* y, size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    lanes.Store(Map::Value(MapVec(lanes.Load(a + i)), MapVec(lanes.Load(b + i))).v, y + i);
  });
}

template <class Map, bool kOfB>
void BinaryBackward(const float* a, const float* b, const float* dy, float* dx, bool accumulate,
                    size_t n) {
  ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
    MapVec x(0), y(0);
    if constexpr (Map::kReads) {
      x = MapVec(lanes.Load(a + i));
      y = MapVec(lanes.Load(b + i));
    }
    const MapVec grad_y(lanes.Load(dy + i));
    const FloatVec grad = (kOfB ? Map::GradB(x, y, grad_y) : Map::GradA(x, y, grad_y)).v;
    lanes.Store(accumulate ? hn::Add(lanes.Load(dx + i), grad) : grad, dx + i);
  });
}

#define NF_MAP_INLINE HWY_INLINE
#include "kernels/map_structs.inc"
#undef NF_MAP_INLINE

}  // namespace

void FillMapsTarget(KernelTable& table) {
#define NF_UNARY(Name, ...)                                   \
  table.map.unary[static_cast<size_t>(UnaryMap::k##Name)] = { \
      Name##Map::kOfX, UnaryForward<Name##Map>, UnaryBackward<Name##Map>};
#define NF_BINARY(Name, ...)                                    \
  table.map.binary[static_cast<size_t>(BinaryMap::k##Name)] = { \
      Name##Map::kReads,                                        \
      BinaryForward<Name##Map>,                                 \
      {BinaryBackward<Name##Map, false>, BinaryBackward<Name##Map, true>}};
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nf {
NF_FILL_FAMILY(Maps);
}  // namespace nf
#endif  // HWY_ONCE
