#include "util/rng.h"

#include "util/error.h"

namespace nf {

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> c, std::array<uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(p0)};
    k[0] += 0x9E3779B9;  // golden ratio
    k[1] += 0xBB67AE85;  // sqrt(3) - 1
  }
  return c;
}

std::array<uint32_t, 2> StreamKey(uint64_t seed, RngStream stream) {
  const auto derived = Philox4x32({static_cast<uint32_t>(stream), ~0u, ~0u, ~0u},
                                  {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return {derived[0], derived[1]};
}

Philox::Philox(uint64_t seed, RngStream stream, uint64_t a, uint32_t b)
    : key_(StreamKey(seed, stream)),
      counter_{0, b, static_cast<uint32_t>(a), static_cast<uint32_t>(a >> 32)} {}

uint32_t Philox::NextU32() {
  if (used_ == 4) {
    block_ = Philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

float Philox::NextFloat() { return static_cast<float>(NextU32() >> 8) * 0x1p-24f; }

uint64_t Philox::NextBelow(uint64_t bound) {
  NF_CHECK(bound >= 1);
  if (bound >> 32 == 0) {
    const uint32_t n = static_cast<uint32_t>(bound);
    uint64_t product = uint64_t{NextU32()} * n;
    if (static_cast<uint32_t>(product) < n) {
      const uint32_t threshold = -n % n;  // 2^32 mod n: this many draws are one too many
      while (static_cast<uint32_t>(product) < threshold) product = uint64_t{NextU32()} * n;
    }
    return product >> 32;
  }
  // Lemire's form would need a 128-bit product, which MSVC lacks: mask and reject (< 2 tries).
  uint64_t mask = bound - 1;
  for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
  for (;;) {
    const uint64_t low = NextU32();
    const uint64_t draw = (uint64_t{NextU32()} << 32 | low) & mask;
    if (draw < bound) return draw;
  }
}

}  // namespace nf
