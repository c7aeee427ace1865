#include "parallel/executor.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#if defined(__linux__)
#include <pthread.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#endif

#include "gtest/gtest.h"
#include "testing/heap_counter.h"
#include "util/error.h"

namespace nf {
namespace {

using Clock = std::chrono::steady_clock;

void Spin(std::chrono::microseconds how_long) {
  const auto end = Clock::now() + how_long;
  while (Clock::now() < end) {
  }
}

// Waits until fn() holds; false after ten seconds, so that a fault fails instead of hanging.
template <class Fn>
bool Await(const Fn& fn) {
  const auto end = Clock::now() + std::chrono::seconds(10);
  while (!fn()) {
    if (Clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

class ExecutorTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, ExecutorTest, testing::Values(1, 2, 3, 7));

TEST_P(ExecutorTest, EveryIndexOnce) {
  Executor executor(GetParam());
  EXPECT_EQ(executor.num_threads(), GetParam());
  for (int64_t count : {-1, 0, 1, 2, 3, 7, 8, 1000}) {
    std::vector<std::atomic<int>> calls(count > 0 ? count : 0);
    executor.ParallelFor(count, [&](int64_t i, int) { ++calls.at(i); });
    for (const auto& n : calls) EXPECT_EQ(n, 1);
  }
}

TEST_P(ExecutorTest, SlotsAreInRangeAndNeverShared) {
  Executor executor(GetParam());
  std::vector<std::atomic<int>> busy(GetParam());
  for (int round = 0; round < 50; ++round)
    executor.ParallelFor(40, [&](int64_t, int slot) {
      ASSERT_GE(slot, 0);
      ASSERT_LT(slot, GetParam());
      EXPECT_EQ(busy[slot].fetch_add(1), 0);
      Spin(std::chrono::microseconds(5));
      EXPECT_EQ(busy[slot].fetch_sub(1), 1);
    });
}

// One index a thread, none of which returns before all have begun: the threads are really there,
// also when more are asked for than the machine has cores, and than executors before had.
TEST_P(ExecutorTest, AllThreadsTakePart) {
  const int threads = GetParam();
  Executor executor(threads);
  std::atomic<int> begun{0}, together{0};
  executor.ParallelFor(threads, [&](int64_t, int) {
    ++begun;
    if (Await([&] { return begun == threads; })) ++together;
  });
  EXPECT_EQ(together, threads);
}

TEST_P(ExecutorTest, IndicesAreHandedOutInOrder) {
  Executor executor(GetParam());
  std::vector<int64_t> last(GetParam(), -1);
  executor.ParallelFor(500, [&](int64_t i, int slot) {
    EXPECT_GT(i, last[slot]);
    last[slot] = i;
  });
}

TEST_P(ExecutorTest, FirstExceptionStopsTheLoop) {
  Executor executor(GetParam());
  for (int round = 0; round < 20; ++round) {
    std::atomic<int64_t> calls{0};
    try {
      executor.ParallelFor(1000000, [&](int64_t i, int) {
        ++calls;
        if (i == 5) Fail(ErrorCode::kDiverged, "index five");
        Spin(std::chrono::microseconds(1));
      });
      FAIL();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kDiverged);
      EXPECT_STREQ(e.what(), "index five");
    }
    EXPECT_LT(calls, 1000000);
    int sum = 0;  // still usable
    std::vector<int> values(8);
    executor.ParallelFor(8, [&](int64_t i, int) { values[i] = 1; });
    for (int v : values) sum += v;
    EXPECT_EQ(sum, 8);
  }
}

TEST_P(ExecutorTest, ACancelledJobStopsBeforeTheNextIndex) {
  Executor executor(GetParam());
  std::atomic<bool> cancelled{false};
  std::atomic<int> calls{0};
  {
    const StopScope scope(&cancelled);
    for (int64_t count : {1, 100000}) {
      cancelled = false;
      calls = 0;
      try {
        executor.ParallelFor(count, [&](int64_t, int) {
          if (++calls == 1) cancelled = true;
          Spin(std::chrono::microseconds(1));
        });
        EXPECT_EQ(count, 1);  // it was done by then
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), ErrorCode::kAborted);
        EXPECT_EQ(count, 100000);
      }
      EXPECT_LE(calls, GetParam());  // one that each thread had in hand
    }
    EXPECT_THROW(executor.ParallelFor(1, [&](int64_t, int) { ++calls; }), Error);
  }
  executor.ParallelFor(10, [&](int64_t, int) { ThrowIfStopped(); });  // the next job's
}

// Each of two jobs at once heeds its own flag, on the threads that they share too.
TEST(Executor, ACancelledJobLeavesTheOthersAlone) {
  Executor executor(3);
  std::atomic<bool> flags[2] = {true, false};
  std::atomic<int64_t> sums[2] = {0, 0};
  std::atomic<int> aborted{0};
  std::vector<std::thread> jobs;
  for (int job = 0; job < 2; ++job)
    jobs.emplace_back([&, job] {
      const StopScope scope(&flags[job]);
      for (int round = 0; round < 100; ++round) try {
          executor.ParallelFor(20, [&](int64_t i, int) {
            ThrowIfStopped();
            sums[job] += i;
          });
        } catch (const Error&) {
          ++aborted;
        }
    });
  for (auto& job : jobs) job.join();
  EXPECT_EQ(aborted, 100);
  EXPECT_EQ(sums[0], 0);
  EXPECT_EQ(sums[1], 100 * 19 * 20 / 2);
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Loops of eight threads where memory is left for the stacks of few: starting a thread then fails
// as at a limit of threads, which root is not held by. Ends the process; 0 where the sums are
// right.
[[noreturn]] void LoopWithRoomFor(int stacks) {
  pthread_attr_t attributes;
  size_t stack = 0, pages = 0;
  pthread_getattr_default_np(&attributes);
  pthread_attr_getstacksize(&attributes, &stack);
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t most = pages * 4096 + static_cast<size_t>(stacks) * stack + stack / 2;
  const rlimit memory = {most, most};
  if (setrlimit(RLIMIT_AS, &memory) != 0) std::_Exit(3);
  Executor executor(8);
  std::atomic<int64_t> sum{0};
  for (int round = 0; round < 3; ++round)
    executor.ParallelFor(1000, [&](int64_t i, int) { sum += i; });
  std::_Exit(sum == 3 * 999 * 500 ? 0 : 4);
}

TEST(ExecutorDeathTest, WhereNoThreadStartsTheCallerDoesAll) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  for (const int stacks : {0, 2})
    EXPECT_EXIT(LoopWithRoomFor(stacks), testing::ExitedWithCode(0), "");
}
#endif

TEST_P(ExecutorTest, AllocatesNothingAfterTheFirstCalls) {
  if (!NF_COUNTS_HEAP) GTEST_SKIP() << "heap allocations are counted on plain glibc only";
  Executor executor(GetParam());
  std::atomic<int64_t> sum{0};
  const auto loops = [&](int n) {
    for (int k = 0; k < n; ++k)
      executor.ParallelFor(GetParam() + k % 3, [&](int64_t i, int) {
        sum += i;
        if (k % 64 == 0) Spin(std::chrono::microseconds(20));  // so that others do take part
      });
  };
  // Starting a thread allocates: have them all run before counting.
  std::atomic<int> begun{0};
  executor.ParallelFor(GetParam(), [&](int64_t, int) {
    ++begun;
    Await([&] { return begun == GetParam(); });
  });
  loops(100);
  const int64_t before = HeapAllocations();
  loops(10000);
  EXPECT_EQ(HeapAllocations() - before, 0);
}

TEST(Executor, JobThreadsShareOneExecutor) {
  Executor executor(3);
  std::vector<std::thread> jobs;
  std::atomic<int64_t> total{0};
  for (int job = 0; job < 4; ++job)
    jobs.emplace_back([&, job] {
      for (int round = 0; round < 200; ++round) {
        const auto job_thread = std::this_thread::get_id();
        std::atomic<int64_t> sum{0};
        std::vector<std::atomic<int>> busy(3);
        try {
          executor.ParallelFor(17, [&](int64_t i, int slot) {
            EXPECT_EQ(busy[slot].fetch_add(1), 0);
            sum += i;
            if (job == 3 && i == 9) throw std::runtime_error("job 3");
            busy[slot].fetch_sub(1);
          });
          EXPECT_NE(job, 3);
          EXPECT_EQ(sum, 17 * 16 / 2);
          total += sum;
        } catch (const std::runtime_error& e) {
          EXPECT_EQ(job, 3);
          EXPECT_STREQ(e.what(), "job 3");
        }
        EXPECT_EQ(std::this_thread::get_id(), job_thread);
      }
    });
  for (auto& job : jobs) job.join();
  EXPECT_EQ(total, 3 * 200 * 17 * 16 / 2);
}

// A job's thread that waits for its loop must not run another job's body.
TEST(Executor, JobThreadsKeepToTheirOwnLoops) {
  Executor executor(2);  // fewer threads than jobs and workers together
  std::atomic<int> strangers{0};
  std::vector<std::thread> jobs;
  std::vector<std::atomic<std::thread::id>> owners(2);
  std::atomic<int> ready{0};
  for (int job = 0; job < 2; ++job)
    jobs.emplace_back([&, job] {
      owners[job] = std::this_thread::get_id();
      ++ready;
      while (ready < 2) std::this_thread::yield();
      for (int round = 0; round < 300; ++round)
        executor.ParallelFor(8, [&](int64_t i, int) {
          if (std::this_thread::get_id() == owners[1 - job]) ++strangers;
          Spin(std::chrono::microseconds(i == 0 ? 30 : 3));
        });
    });
  for (auto& job : jobs) job.join();
  EXPECT_EQ(strangers, 0);
}

#if defined(__SSE2__)
TEST(Executor, BodiesRunUnderTheCallersFloatingPointMode) {
  Executor executor(3);
  for (const unsigned flush : {_MM_FLUSH_ZERO_ON, _MM_FLUSH_ZERO_OFF}) {
    const unsigned old = _MM_GET_FLUSH_ZERO_MODE();
    _MM_SET_FLUSH_ZERO_MODE(flush);
    std::atomic<int> begun{0}, same{0};
    executor.ParallelFor(3, [&](int64_t, int) {
      ++begun;
      Await([&] { return begun == 3; });  // so that each runs on a thread of its own
      same += _MM_GET_FLUSH_ZERO_MODE() == flush;
    });
    _MM_SET_FLUSH_ZERO_MODE(old);
    EXPECT_EQ(same, 3);
  }
}
#endif

// Workers may spin a while for the next loop, but come to rest.
TEST(Executor, IdleThreadsSleep) {
  Executor executor(7);
  executor.ParallelFor(7, [](int64_t, int) { Spin(std::chrono::microseconds(200)); });
  EXPECT_TRUE(Await([] {
    const std::clock_t before = std::clock();  // CPU time of the process
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return std::clock() - before < CLOCKS_PER_SEC / 200;
  }));
}

TEST(Executor, RejectsNoThreads) {
  for (int threads : {0, -1}) try {
      Executor executor(threads);
      FAIL();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kOutOfRange);
      EXPECT_EQ(std::string(e.what()),
                "numThreads must be an integer >= 1; got " + std::to_string(threads));
    }
}

}  // namespace
}  // namespace nf
