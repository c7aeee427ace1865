// The instruction sets that every vector kernel is compiled for. Included before hwy/highway.h.
//
// SSE2 is the x86-64 baseline, AVX2 and AVX3 (AVX-512 F/BW/CD/DQ/VL) cover what runs today. SSSE3,
// SSE4, AVX3_DL, AVX3_ZEN4 and AVX3_SPR add nothing that an f32 kernel here uses and would double
// the compile time; -DNF_ALL_TARGETS, which no preset sets, compiles them too. Vectors of unknown
// length (SVE, RVV) are left out always: they cannot stand in arrays, which register tiles are made
// of, and every CPU with SVE runs NEON.
#ifndef NF_SIMD_TARGETS_H_
#define NF_SIMD_TARGETS_H_

#ifdef NF_ALL_TARGETS
#define HWY_DISABLED_TARGETS (HWY_ALL_SVE | HWY_RVV)
#else
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_AVX3_ZEN4 | HWY_AVX3_SPR | HWY_ALL_SVE | HWY_RVV)
#endif

#endif  // NF_SIMD_TARGETS_H_
