// The shape of a register tile of a matrix product: kMr rows x 2 vectors.
#include <cstddef>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "simd/loop-inl.h"

#if defined(NF_SIMD_REGISTER_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NF_SIMD_REGISTER_TILE_INL_H_
#undef NF_SIMD_REGISTER_TILE_INL_H_
#else
#define NF_SIMD_REGISTER_TILE_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

constexpr size_t kNr = 2 * kLanes;  // columns of a tile, and of a packed panel of B

// 32 registers (AVX-512, NEON): 8 rows x 2 vectors. Measured on Zen 5, 64 x 512 x 512 with packed
// B, share of the FMA peak: 4 rows 0.90, 6 rows 0.95, 8, 11 and 13 rows 0.96, so 8 is the smallest
// (fewest variants) that is as good as any. 16 registers (AVX2): 6 rows 0.98; 8 rows spill (0.64).
// SSE2 has no FMA and needs a register for the product.
#if HWY_TARGET == HWY_AVX2
constexpr size_t kMr = 6;
#elif HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
constexpr size_t kMr = 4;
#else
constexpr size_t kMr = 8;
#endif

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#endif  // NF_SIMD_REGISTER_TILE_INL_H_
