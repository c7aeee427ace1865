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
  bool low_memory = false;  // smaller shards and gradient accumulation over row chunks, same bits
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
