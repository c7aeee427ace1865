// Philox4x32-10 (Salmon et al., 2011): a counter-based generator. A draw is a pure function of
// (seed, stream, counter), so the same numbers come out at any thread count and in any order.
#ifndef NF_UTIL_RNG_H_
#define NF_UTIL_RNG_H_

#include <array>
#include <cstdint>

namespace nf {

// Streams keep the users of one seed apart.
enum class RngStream : uint32_t {
  kInit = 1,
  kSeriesOrder = 2,
  kWindows = 3,
  kPaths = 5,
  kSamples = 6,
  kLevels = 7,
  kTrajectories = 8
};

// The raw block function: 128 random bits from a 128-bit counter and a 64-bit key.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// The key of a stream of a seed.
std::array<uint32_t, 2> StreamKey(uint64_t seed, RngStream stream);

// The generator for one (seed, stream, a, b): e.g. (seed, kWindows, step, series). 2^34 draws.
// Layout, fixed for ever because trained results depend on it: draw i is word i % 4 of the block
// with counter {i / 4, b, a low, a high} under a key of the stream's own, which is the first two
// words of Philox4x32({stream, ~0, ~0, ~0}, {seed low, seed high}): StreamKey. (Dropout draws from
// raw blocks under the plain seed, as kernels/elementwise.h states.)
class Philox {
 public:
  Philox(uint64_t seed, RngStream stream, uint64_t a, uint32_t b);

  uint32_t NextU32();
  // Uniform in [0, 1), 24 bits.
  float NextFloat();
  // Uniform in [0, bound), unbiased: Lemire (2019) below 2^32, masked rejection above. bound >= 1.
  uint64_t NextBelow(uint64_t bound);

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace nf

#endif  // NF_UTIL_RNG_H_
