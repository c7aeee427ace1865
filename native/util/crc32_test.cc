#include "util/crc32.h"

#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace nf {
namespace {

uint32_t Sum(std::string_view text) {
  return Crc32({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

// The check value of the CRC catalogues, and zlib's of two texts.
TEST(Crc32, IsThatOfZlib) {
  EXPECT_EQ(Sum("123456789"), 0xCBF43926u);
  EXPECT_EQ(Sum(""), 0u);
  EXPECT_EQ(Sum("The quick brown fox jumps over the lazy dog"), 0x414FA339u);
}

TEST(Crc32, GoesOnFromWhatStoodBefore) {
  std::vector<uint8_t> bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<uint8_t>(i * 37 + 11));
  const std::span<const uint8_t> all(bytes);
  for (size_t cut = 0; cut <= all.size(); ++cut)
    EXPECT_EQ(Crc32(all.subspan(cut), Crc32(all.first(cut))), Crc32(all)) << cut;
}

}  // namespace
}  // namespace nf
