#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/maps.h"

namespace nf {
namespace ref {
namespace {

template <class Map>
void UnaryForward(const float* x, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = Map::Value(x[i]);
}

template <class Map>
void UnaryBackward(const float* kept, const float* dy, float* dx, bool accumulate, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float grad = dy[i] * Map::Slope(kept[i]);
    dx[i] = accumulate ? dx[i] + grad : grad;
  }
}

template <class Map>
void BinaryForward(const float* a, const float* b, float* y, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = Map::Value(a[i], b[i]);
}

template <class Map, bool kOfB>
void BinaryBackward(const float* a, const float* b, const float* dy, float* dx, bool accumulate,
                    size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float x = Map::kReads ? a[i] : 0.0f, y = Map::kReads ? b[i] : 0.0f;
    const float grad = kOfB ? Map::GradB(x, y, dy[i]) : Map::GradA(x, y, dy[i]);
    dx[i] = accumulate ? dx[i] + grad : grad;
  }
}

}  // namespace
}  // namespace ref

void FillScalarMaps(KernelTable& table) {
#define NF_UNARY(Name, ...)                                                                     \
  table.map.unary[static_cast<size_t>(UnaryMap::k##Name)] = {ref::Name##Map::kOfX,              \
                                                             ref::UnaryForward<ref::Name##Map>, \
                                                             ref::UnaryBackward<ref::Name##Map>};
#define NF_BINARY(Name, ...)                                    \
  table.map.binary[static_cast<size_t>(BinaryMap::k##Name)] = { \
      ref::Name##Map::kReads,                                   \
      ref::BinaryForward<ref::Name##Map>,                       \
      {ref::BinaryBackward<ref::Name##Map, false>, ref::BinaryBackward<ref::Name##Map, true>}};
#include "kernels/maps.inc"
#undef NF_UNARY
#undef NF_BINARY
}

}  // namespace nf
