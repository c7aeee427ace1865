// Single-precision matrix products: packed B panels and one outer-product micro-kernel. Everything
// is row-major. Kernels here use one thread; graph/ splits work over threads by rows, panels or
// tiles.
//
// Order of summation: for each element of C the products are added in ascending k, in blocks of kKc
// that each start from zero and are then added to C in order. It does not depend on m, on the
// position of a row or column, on whether B was packed before, nor on threads: one row alone gives
// the same bits as in a batch, and a K split at a multiple of kKc with `accumulate` gives the same
// bits as one call.
#ifndef NF_KERNELS_GEMM_H_
#define NF_KERNELS_GEMM_H_

#include <cstddef>

#include "kernels/activations.h"
#include "kernels/sum_blocks.h"

namespace nf {

enum class Trans { kNo, kYes };

constexpr size_t kKc = SumBlockRows();  // the K block of every target

// Applied to C in registers after the last K block: C = act(alpha * A.B [+ C] + bias).
struct GemmEpilogue {
  float alpha = 1.0f;
  bool accumulate = false;      // add to what C holds (then bias and activation must be unset)
  const float* bias = nullptr;  // n values
  Activation activation = Activation::kNone;
};

struct GemmKernels {
  // Width of a packed panel of B in columns: packing may be split over threads at multiples of it.
  size_t panel;
  // Floats that a packed k x n matrix takes (a multiple of 16; buffers are 64-byte aligned).
  size_t (*packed_size)(size_t k, size_t n);
  // Packs columns [n_begin, n_end) of op(B), k x n. kNo: B is k x n; kYes: B is n x k (ldb is B's
  // own row stride). n_begin is a multiple of panel; n_end too, or n.
  void (*pack)(Trans trans, const float* b, size_t ldb, size_t k, size_t n, size_t n_begin,
               size_t n_end, float* packed);
  // C[m x n] = epilogue(A[m x k] . packed). A is row-major with stride lda. A panel is k floats a
  // column, so the columns from j on (a multiple of panel) are packed at packed + j * k.
  void (*packed)(size_t m, size_t n, size_t k, const float* a, size_t lda, const float* packed,
                 float* c, size_t ldc, const GemmEpilogue& epilogue);
  // C[m x n] = epilogue(op(A) . op(B)) with nothing packed before: packs inside `scratch` as it
  // goes. Used for weight gradients (ta = kYes: A is k x m) and by the benches. For a tile of C
  // pass shifted pointers. `scratch` holds scratch_size floats, 64-byte aligned; the size never
  // falls as m, n or k grow, so that of the largest product serves them all.
  size_t (*scratch_size)(Trans ta, Trans tb, size_t m, size_t n, size_t k);
  void (*gemm)(Trans ta, Trans tb, size_t m, size_t n, size_t k, const float* a, size_t lda,
               const float* b, size_t ldb, float* c, size_t ldc, const GemmEpilogue& epilogue,
               float* scratch);
  // FMA peak probe for benches: runs `iterations` rounds of independent register-only multiply-adds
  // and returns the number of floating-point operations done (2 per lane and FMA).
  double (*fma_probe)(size_t iterations);
};

}  // namespace nf

#endif  // NF_KERNELS_GEMM_H_
