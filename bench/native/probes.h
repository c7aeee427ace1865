// Limits of the machine, measured in the run that they are set beside: multiplies and adds from
// registers, and reads of a buffer that the caches hold.
#ifndef NF_BENCH_NATIVE_PROBES_H_
#define NF_BENCH_NATIVE_PROBES_H_

#include <cstdint>
#include <vector>

#include "kernels/kernel_table.h"
#include "parallel/executor.h"
#include "report.h"

namespace nf {

// Operations a second of register-only FMAs on every thread of the executor.
inline double FmaPeak(Executor& executor, size_t iterations) {
  std::vector<double> done(static_cast<size_t>(executor.num_threads()));
  const double start = Seconds();
  executor.ParallelFor(executor.num_threads(), [&](int64_t i, int) {
    done[static_cast<size_t>(i)] = BestKernels().gemm.fma_probe(iterations);
  });
  const double seconds = Seconds() - start;
  double total = 0;
  for (const double d : done) total += d;
  return total / seconds;
}

// The compiler's own vector code, for whatever the CPU has: whole-number sums may be reordered.
// Many sums at once, so that nothing but the loads takes time.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default"), noinline))
#endif
inline uint32_t
ReadAll(const uint32_t* words, size_t count) {
  constexpr size_t kSums = 64;
  uint32_t sums[kSums] = {};
  size_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (size_t j = 0; j < kSums; ++j) sums[j] += words[i + j];
  }
  uint32_t sum = 0;
  for (; i < count; ++i) sum += words[i];
  for (const uint32_t part : sums) sum += part;
  return sum;
}

// A buffer as large as a model's weights; between reads it lies in the caches where they left it.
class WeightReader {
 public:
  explicit WeightReader(int64_t parameters) : words_(static_cast<size_t>(parameters), 1u) {}
  void Read() { sink_ = sink_ + ReadAll(words_.data(), words_.size()); }

 private:
  std::vector<uint32_t> words_;
  volatile uint32_t sink_ = 0;
};

}  // namespace nf

#endif  // NF_BENCH_NATIVE_PROBES_H_
