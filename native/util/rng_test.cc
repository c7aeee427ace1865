#include "util/rng.h"

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "util/error.h"

namespace nf {
namespace {

using Block = std::array<uint32_t, 4>;

// Random123's kat_vectors, philox4x32 with 10 rounds.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, DrawsAreTheDocumentedBlocks) {
  const uint64_t seed = 0x0123456789abcdef, a = 0xfedcba9876543210;
  Philox rng(seed, RngStream::kWindows, a, 7);
  const auto key = Philox4x32({3, ~0u, ~0u, ~0u}, {0x89abcdef, 0x01234567});
  for (uint32_t block = 0; block < 3; ++block) {
    const auto want = Philox4x32({block, 7, 0x76543210, 0xfedcba98}, {key[0], key[1]});
    for (int lane = 0; lane < 4; ++lane) EXPECT_EQ(rng.NextU32(), want[lane]);
  }
}

TEST(Philox, EveryCoordinateMatters) {
  std::set<uint32_t> firsts;
  for (uint64_t seed : {0ull, 1ull, 1ull << 32})
    for (auto stream : {RngStream::kInit, RngStream::kWindows})
      for (uint64_t a : {0ull, 1ull, 1ull << 32})
        for (uint32_t b : {0u, 1u}) firsts.insert(Philox(seed, stream, a, b).NextU32());
  EXPECT_EQ(firsts.size(), 3u * 2 * 3 * 2);
}

TEST(Philox, FloatsAreUniformBelowOne) {
  Philox rng(5, RngStream::kInit, 0, 0);
  const int n = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const float x = rng.NextFloat();
    ASSERT_GE(x, 0.0f);
    ASSERT_LT(x, 1.0f);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / n;
  EXPECT_NEAR(mean, 0.5, 0.005);
  EXPECT_NEAR(squares / n - mean * mean, 1.0 / 12, 0.002);
}

TEST(Philox, BelowIsEven) {
  Philox rng(6, RngStream::kWindows, 0, 0);
  std::vector<int> counts(7);
  const int n = 70000;
  for (int i = 0; i < n; ++i) ++counts[rng.NextBelow(7)];
  double chi2 = 0;
  for (int c : counts) chi2 += (c - n / 7.0) * (c - n / 7.0) / (n / 7.0);
  EXPECT_LT(chi2, 22.5);  // 6 degrees of freedom, p = 0.001
}

// 3 * 2^30 puts a quarter of all draws into the biased remainder: without rejection the thirds
// would get 1/2, 1/4, 1/4.
TEST(Philox, BelowRejectsTheBiasedDraws) {
  Philox rng(7, RngStream::kWindows, 0, 0);
  const int n = 30000;
  int residues[3] = {};
  for (int i = 0; i < n; ++i) ++residues[rng.NextBelow(3ull << 30) % 3];
  for (int c : residues) EXPECT_NEAR(c, n / 3, 400);
}

TEST(Philox, BelowAtTheEdges) {
  Philox rng(8, RngStream::kSeriesOrder, 0, 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rng.NextBelow(1), 0u);
  uint64_t most = 0;
  const uint64_t bound = (1ull << 40) + 12345;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t x = rng.NextBelow(bound);
    ASSERT_LT(x, bound);
    most = std::max(most, x);
  }
  EXPECT_GT(most, bound - bound / 50);
  bool high = false;
  for (int i = 0; i < 64; ++i) high |= rng.NextBelow(~0ull) >> 63;
  EXPECT_TRUE(high);
  EXPECT_THROW(rng.NextBelow(0), Error);
}

}  // namespace
}  // namespace nf
