// The checksum of zlib, gzip and PNG.
#ifndef NF_UTIL_CRC32_H_
#define NF_UTIL_CRC32_H_

#include <cstdint>
#include <span>

namespace nf {

// CRC-32 (polynomial 0x04C11DB7, reflected) of what `before` is the checksum of, with `bytes`
// behind it. It finds every damage of up to 32 neighbouring bits, and other damage but for one in
// 2^32.
uint32_t Crc32(std::span<const uint8_t> bytes, uint32_t before = 0);

}  // namespace nf

#endif  // NF_UTIL_CRC32_H_
