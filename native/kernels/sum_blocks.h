// How sums over rows are cut: the whole reason why a result does not depend on threads.
#ifndef NF_KERNELS_SUM_BLOCKS_H_
#define NF_KERNELS_SUM_BLOCKS_H_

#include <cstddef>
#include <cstdint>

namespace nf {

// A sum of floats depends on the order of its terms, so whatever adds over many rows adds them in
// one order, whoever computes it: terms ascending, in blocks of so many that each start from zero,
// and the blocks ascending. A cut at a multiple of it, the next part adding to what is there, is
// then no change: one pass over a batch, chunks of it that go through memory in turn, and a
// constant multiplied by tiles all give the same bits. The matrix kernels (gemm.h) sum over k so,
// which for a weight gradient is over rows, and so do column_sums (elementwise.h: bias gradients)
// and the ops that sum by themselves. A shorter block would do for the cuts but costs the matrix
// kernel speed.
constexpr int64_t SumBlockRows() { return 256; }

}  // namespace nf

#endif  // NF_KERNELS_SUM_BLOCKS_H_
