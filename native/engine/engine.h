// What one forecaster computes with: threads, memory and the kernels chosen once.
#ifndef NF_ENGINE_ENGINE_H_
#define NF_ENGINE_ENGINE_H_

#include "kernels/kernel_table.h"
#include "memory/pool.h"
#include "parallel/executor.h"

namespace nf {

struct EngineOptions {
  int num_threads = 1;
  bool simd_enabled = true;
  // Smaller shards, and gradients added up over chunks of rows (but for a program whose ops couple
  // rows, which needs its batch as a whole); same bits.
  bool low_memory = false;
  PoolOptions pool;
};

struct Engine {
  explicit Engine(const EngineOptions& o)
      : options(o),
        kernels(o.simd_enabled ? BestKernels() : ScalarKernels()),
        pool(o.pool),
        executor(o.num_threads) {}

  const EngineOptions options;
  const KernelTable& kernels;
  Pool pool;
  Executor executor;
};

}  // namespace nf

#endif  // NF_ENGINE_ENGINE_H_
