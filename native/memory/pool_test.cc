#include "memory/pool.h"

#if defined(__linux__)
#include <sys/resource.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "testing/heap_counter.h"
#include "util/error.h"
#include "util/rng.h"

namespace nf {
namespace {

void Fill(const Buffer& buffer, uint8_t value) {
  if (buffer.size() > 0) std::memset(buffer.As<char>(), value, buffer.size());
}

bool Holds(const Buffer& buffer, uint8_t value) {
  const auto* p = buffer.As<uint8_t>();
  return std::all_of(p, p + buffer.size(), [&](uint8_t byte) { return byte == value; });
}

TEST(Pool, BuffersAreAligned) {
  Pool pool;
  for (int round = 0; round < 2; ++round)
    for (size_t bytes : {0, 1, 63, 64, 65, 128, 129, 192, 193, 1000, 4097, 3 << 20, 5000001}) {
      Buffer buffer = pool.Acquire(bytes);
      EXPECT_TRUE(buffer);
      EXPECT_EQ(buffer.size(), bytes);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.As<char>()) % kAlignment, 0u);
      Fill(buffer, 0xA5);
    }
  EXPECT_EQ(pool.stats().bytes_in_use, 0u);
}

TEST(Pool, SizeClasses) {
  PoolOptions options;
  options.enabled = false;
  Pool pool(options);
  const std::vector<std::pair<size_t, size_t>> cases = {
      {0, 64},    {64, 64},    {65, 128},    {128, 128},   {129, 192},
      {192, 192}, {193, 256},  {257, 384},   {384, 384},   {385, 512},
      {513, 768}, {769, 1024}, {1024, 1024}, {1025, 1536}, {(3 << 20) + 1, 4 << 20}};
  for (const auto& [bytes, capacity] : cases) {
    const Buffer buffer = pool.Acquire(bytes);
    EXPECT_EQ(pool.stats().bytes_in_use, capacity) << bytes;
  }
}

TEST(Pool, MovesOwnOnce) {
  Pool pool;
  Buffer empty;
  EXPECT_FALSE(empty);
  Buffer a = pool.Acquire(100);
  char* data = a.As<char>();
  Buffer b = std::move(a);
  EXPECT_EQ(b.As<char>(), data);
  EXPECT_FALSE(a);  // NOLINT: a moved-from buffer is empty
  EXPECT_EQ(a.size(), 0u);
  Buffer c = pool.Acquire(100);
  c = std::move(b);  // the old one goes back
  EXPECT_EQ(c.As<char>(), data);
  EXPECT_EQ(pool.stats().bytes_in_use, 128u);
  EXPECT_EQ(pool.stats().bytes_cached, 128u);
  Buffer& same = c;
  c = std::move(same);
  EXPECT_EQ(c.As<char>(), data);
  c = Buffer();
  EXPECT_EQ(pool.stats().bytes_in_use, 0u);
}

TEST(Pool, StatisticsAreExact) {
  Pool pool;
  {
    const Buffer a = pool.Acquire(100), b = pool.Acquire(100), c = pool.Acquire(1000);
    const PoolStats s = pool.stats();
    EXPECT_EQ(s.hits, 0u);
    EXPECT_EQ(s.misses, 3u);
    EXPECT_EQ(s.bytes_in_use, 128u + 128 + 1024);
    EXPECT_EQ(s.bytes_cached, 0u);
    EXPECT_EQ(s.peak_bytes, s.bytes_in_use);
  }
  {
    const Buffer a = pool.Acquire(128), b = pool.Acquire(64);
    const PoolStats s = pool.stats();
    EXPECT_EQ(s.hits, 1u);
    EXPECT_EQ(s.misses, 4u);
    EXPECT_EQ(s.bytes_in_use, 128u + 64);
    EXPECT_EQ(s.bytes_cached, 128u + 1024);
    EXPECT_EQ(s.peak_bytes, 128u + 128 + 1024 + 64);
  }
  pool.Trim();
  const PoolStats s = pool.stats();
  EXPECT_EQ(s.bytes_cached, 0u);
  EXPECT_EQ(s.peak_bytes, 128u + 128 + 1024 + 64);
}

TEST(Pool, SteadyStateAlwaysHitsAndNeverTouchesTheHeap) {
  Pool pool;
  std::vector<Buffer> held;
  held.reserve(100);
  const auto step = [&] {
    for (int i = 0; i < 100; ++i) held.push_back(pool.Acquire(64 * (i % 30) + i));
    held.clear();
  };
  step();
  const PoolStats before = pool.stats();
  const int64_t allocations = HeapAllocations();
  for (int i = 0; i < 1000; ++i) step();
  EXPECT_EQ(pool.stats().misses, before.misses);
  EXPECT_EQ(pool.stats().hits, before.hits + 100 * 1000);
  EXPECT_EQ(pool.stats().peak_bytes, before.peak_bytes);
  EXPECT_EQ(HeapAllocations() - allocations, 0);
}

TEST(Pool, HeapCounterCounts) {
  if (!NF_COUNTS_HEAP) GTEST_SKIP() << "heap allocations are counted on plain glibc only";
  const int64_t before = HeapAllocations();
  Pool pool;
  const Buffer buffer = pool.Acquire(64);
  EXPECT_GE(HeapAllocations() - before, 2);
}

TEST(Pool, DisabledKeepsNothing) {
  PoolOptions options;
  options.enabled = false;
  Pool pool(options);
  for (int i = 0; i < 10; ++i) Fill(pool.Acquire(1000), 0xA5);
  EXPECT_EQ(pool.stats().hits, 0u);
  EXPECT_EQ(pool.stats().misses, 10u);
  EXPECT_EQ(pool.stats().bytes_cached, 0u);
  EXPECT_EQ(pool.stats().peak_bytes, 1024u);
}

TEST(Pool, AtMostAHundredOfAClass) {
  PoolOptions options;
  options.auto_tune = false;
  Pool pool(options);
  std::vector<Buffer> held;
  for (int i = 0; i < 150; ++i) held.push_back(pool.Acquire(64));
  held.clear();
  EXPECT_EQ(pool.stats().bytes_cached, 100u * 64);
}

TEST(Pool, TheCapHolds) {
  PoolOptions options;
  options.max_bytes = 10000;
  Pool pool(options);
  Philox rng(3, RngStream::kInit, 0, 0);
  std::vector<Buffer> held(20);
  for (int i = 0; i < 5000; ++i) {
    held[rng.NextBelow(held.size())] = pool.Acquire(rng.NextBelow(6000));
    ASSERT_LE(pool.stats().bytes_cached, options.max_bytes);
  }
  EXPECT_GT(pool.stats().hits, 100u);
  held.clear();
  EXPECT_GT(pool.stats().bytes_cached, options.max_bytes / 2);
  { const Buffer big = pool.Acquire(20000); }
  EXPECT_LE(pool.stats().bytes_cached, options.max_bytes);
}

// A cache full of a size that is no longer used makes way for the one that is.
TEST(Pool, AtTheCapStaleClassesGiveWay) {
  PoolOptions options;
  options.max_bytes = 4096;
  options.auto_tune = false;
  Pool pool(options);
  { const Buffer a = pool.Acquire(2048), b = pool.Acquire(2048); }
  EXPECT_EQ(pool.stats().bytes_cached, 4096u);
  { const Buffer c = pool.Acquire(1024); }
  EXPECT_EQ(pool.stats().bytes_cached, 2048u + 1024);
  { const Buffer c = pool.Acquire(1024); }
  EXPECT_EQ(pool.stats().hits, 1u);
}

TEST(Pool, AutoTuneGivesBackWhatIsNoLongerUsed) {
  for (const bool auto_tune : {true, false}) {
    PoolOptions options;
    options.auto_tune = auto_tune;
    Pool pool(options);
    {
      std::vector<Buffer> many;
      for (int i = 0; i < 50; ++i) many.push_back(pool.Acquire(1 << 16));
    }
    for (int i = 0; i < 4096; ++i) {
      const Buffer a = pool.Acquire(1000), b = pool.Acquire(1000);
    }
    EXPECT_EQ(pool.stats().bytes_cached, 2 * 1024u + (auto_tune ? 0 : 50 * (1 << 16)));
  }
}

void ExpectOutOfMemory(Pool& pool, size_t bytes) {
  try {
    const Buffer buffer = pool.Acquire(bytes);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kOutOfMemory);
    EXPECT_NE(std::string(e.what()).find(std::to_string(bytes) + " bytes"), std::string::npos);
  }
}

TEST(Pool, AbsurdSizesAreErrors) {
  Pool pool;
  for (const size_t bytes : {(size_t{1} << 46) + 1, size_t{1} << 63, ~size_t{0}})
    ExpectOutOfMemory(pool, bytes);
  EXPECT_EQ(pool.stats().bytes_in_use, 0u);
  EXPECT_TRUE(pool.Acquire(64));
}

// Not under sanitizers: their own memory exceeds any limit of address space.
#if defined(__linux__) && NF_COUNTS_HEAP
TEST(Pool, OutOfMemoryDropsTheCacheThenIsAnError) {
  Pool pool;
  { const Buffer cached = pool.Acquire(1000); }
  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &old), 0);
  const rlimit tight = {size_t{1} << 32, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  ExpectOutOfMemory(pool, size_t{1} << 34);
  setrlimit(RLIMIT_AS, &old);
  EXPECT_EQ(pool.stats().bytes_in_use, 0u);
  EXPECT_EQ(pool.stats().bytes_cached, 0u);
  EXPECT_TRUE(pool.Acquire(64));
}
#endif

#if !defined(NDEBUG)
TEST(Pool, UninitializedIsPoisonedInDebugBuilds) {
  Pool pool;
  const Buffer buffer = pool.Acquire(64);
  EXPECT_TRUE(std::isnan(buffer.As<float>()[15]));
  EXPECT_TRUE(std::isnan(buffer.As<double>()[0]));
}
#endif

TEST(Pool, ThreadsShareIt) {
  PoolOptions options;
  options.max_bytes = 1 << 20;
  Pool pool(options);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; ++t)
    threads.emplace_back([&pool, t] {
      Philox rng(4, RngStream::kInit, t, 0);
      std::vector<Buffer> held(16);
      for (int i = 0; i < 5000; ++i) {
        Buffer& buffer = held[rng.NextBelow(held.size())];
        ASSERT_TRUE(Holds(buffer, static_cast<uint8_t>(t)));  // nobody else was given it
        buffer = pool.Acquire(rng.NextBelow(20000));
        Fill(buffer, static_cast<uint8_t>(t));
        if (i % 1000 == 0) pool.Trim();
      }
    });
  for (auto& thread : threads) thread.join();
  const PoolStats s = pool.stats();
  EXPECT_EQ(s.hits + s.misses, 4 * 5000u);
  EXPECT_EQ(s.bytes_in_use, 0u);
  EXPECT_LE(s.bytes_cached, options.max_bytes);
  EXPECT_GT(s.hits, s.misses);
}

}  // namespace
}  // namespace nf
