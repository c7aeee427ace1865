// For the tests of what allocates: an engine whose threads all run already.
#ifndef NF_TESTING_START_THREADS_H_
#define NF_TESTING_START_THREADS_H_

#include <atomic>
#include <cstdint>
#include <thread>

#include "engine/engine.h"

namespace nf {

// Has every thread of the engine run once: starting a thread takes memory.
inline void StartThreads(Engine& engine) {
  const int threads = engine.executor.num_threads();
  std::atomic<int> begun{0};
  engine.executor.ParallelFor(threads, [&](int64_t, int) {
    ++begun;
    while (begun < threads) std::this_thread::yield();
  });
}

}  // namespace nf

#endif  // NF_TESTING_START_THREADS_H_
