// Honestly scalar: the table built here is what vectors are measured against, so the compiler may
// not put vectors back.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-vectorize")
#endif

#include "kernels/ref/gemm.h"

#include "kernels/kernel_table.h"

namespace nf {
namespace {

constexpr size_t kPanel = 4;

ref::Epilogue<float> Plain(const GemmEpilogue& e) {
  return {e.alpha, e.accumulate, e.bias, e.activation};
}

size_t PackedSize(size_t k, size_t n) {
  return ((n + kPanel - 1) / kPanel * kPanel * k + 15) & ~size_t{15};
}

// Panels of k x 4, one after the other; columns that do not exist are zero.
void Pack(Trans trans, const float* b, size_t ldb, size_t k, size_t n, size_t n_begin, size_t n_end,
          float* packed) {
  const ref::Strided<float> from = ref::Op(trans, b, ldb);
  for (size_t j = n_begin; j < n_end; j += kPanel) {
    for (size_t p = 0; p < k; ++p) {
      for (size_t q = 0; q < kPanel; ++q) {
        packed[j * k + p * kPanel + q] = j + q < n ? from(p, j + q) : 0.0f;
      }
    }
  }
}

void Packed(size_t m, size_t n, size_t k, const float* a, size_t lda, const float* packed, float* c,
            size_t ldc, const GemmEpilogue& e) {
  const auto panel = [packed, k](size_t j) {
    return ref::Strided<float>{packed + j / kPanel * kPanel * k + j % kPanel, kPanel, 1};
  };
  ref::GemmColumns(m, k, ref::Op(Trans::kNo, a, lda), panel, c, ldc, 0, n, Plain(e));
}

size_t ScratchSize(Trans, Trans, size_t, size_t, size_t) { return 0; }

void Gemm(Trans ta, Trans tb, size_t m, size_t n, size_t k, const float* a, size_t lda,
          const float* b, size_t ldb, float* c, size_t ldc, const GemmEpilogue& e, float*) {
  ref::Gemm(ta, tb, m, n, k, a, lda, b, ldb, c, ldc, Plain(e));
}

double FmaProbe(size_t iterations) {
  constexpr size_t kSums = 12;
  volatile float factor = 0.999f, term = 1e-3f;  // unknown to the compiler
  const float x = factor, y = term;
  float sum[kSums];
  for (size_t i = 0; i < kSums; ++i) sum[i] = static_cast<float>(i);
  for (size_t r = 0; r < iterations; ++r) {
    for (size_t i = 0; i < kSums; ++i) sum[i] = sum[i] * x + y;
  }
  volatile float sink = 0.0f;
  for (size_t i = 0; i < kSums; ++i) sink = sink + sum[i];
  return 2.0 * kSums * static_cast<double>(iterations);
}

}  // namespace

void FillScalarGemm(KernelTable& table) {
  table.gemm = {kPanel, PackedSize, Pack, Packed, ScratchSize, Gemm, FmaProbe};
}

}  // namespace nf
