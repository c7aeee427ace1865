// Scalar twin of the matrix products, for any floating-point type. The same order of summation as
// the vector kernels (gemm.h), but with a rounding after each product where the target has no FMA.
#ifndef NF_KERNELS_REF_GEMM_H_
#define NF_KERNELS_REF_GEMM_H_

#include <algorithm>
#include <cstddef>

#include "kernels/gemm.h"
#include "kernels/ref/activations.h"

namespace nf::ref {

// GemmEpilogue for T.
template <class T>
struct Epilogue {
  T alpha{1};
  bool accumulate = false;
  const T* bias = nullptr;
  Activation activation = Activation::kNone;
};

// Element (i, j) at x[i * row + j * column].
template <class T>
struct Strided {
  const T* x;
  size_t row, column;

  Strided At(size_t i, size_t j) const { return {x + i * row + j * column, row, column}; }
  T operator()(size_t i, size_t j) const { return x[i * row + j * column]; }
};

// op(X), where X is row-major with stride ld.
template <class T>
Strided<T> Op(Trans trans, const T* x, size_t ld) {
  return trans == Trans::kNo ? Strided<T>{x, ld, 1} : Strided<T>{x, 1, ld};
}

// kRows x kColumns elements of C, at row i and column j; a and b begin at that row and column.
template <size_t kRows, size_t kColumns, class T>
void GemmTile(size_t k, Strided<T> a, Strided<T> b, size_t i, size_t j, T* c, size_t ldc,
              const Epilogue<T>& epilogue) {
  size_t p = 0;
  do {  // also when k = 0
    const bool first = p == 0 && !epilogue.accumulate;
    const size_t end = std::min(k, p + kKc);
    T sum[kRows][kColumns] = {};
    for (; p < end; ++p) {
      for (size_t r = 0; r < kRows; ++r) {
        for (size_t q = 0; q < kColumns; ++q) sum[r][q] += a(r, p) * b(p, q);
      }
    }
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t q = 0; q < kColumns; ++q) {
        T& to = c[(i + r) * ldc + j + q];
        T y = (first ? T{0} : to) + epilogue.alpha * sum[r][q];
        if (p == k) {
          if (epilogue.bias != nullptr) y += epilogue.bias[j + q];
          y = Activate(epilogue.activation, y);
        }
        to = y;
      }
    }
  } while (p < k);
}

// Columns [n_begin, n_end) of C. b_at(j): op(B) from column j on.
template <class T, class BAt>
void GemmColumns(size_t m, size_t k, Strided<T> a, const BAt& b_at, T* c, size_t ldc,
                 size_t n_begin, size_t n_end, const Epilogue<T>& epilogue) {
  for (size_t i = 0; i < m;) {
    const bool two = i + 2 <= m;
    const Strided<T> rows = a.At(i, 0);
    for (size_t j = n_begin; j < n_end;) {
      const bool four = j + 4 <= n_end;
      const auto tile = four ? (two ? &GemmTile<2, 4, T> : &GemmTile<1, 4, T>)
                             : (two ? &GemmTile<2, 1, T> : &GemmTile<1, 1, T>);
      tile(k, rows, b_at(j), i, j, c, ldc, epilogue);
      j += four ? 4 : 1;
    }
    i += two ? 2 : 1;
  }
}

// C[m x n] = epilogue(op(A) . op(B)).
template <class T>
void Gemm(Trans ta, Trans tb, size_t m, size_t n, size_t k, const T* a, size_t lda, const T* b,
          size_t ldb, T* c, size_t ldc, const Epilogue<T>& epilogue) {
  const Strided<T> op_b = Op(tb, b, ldb);
  GemmColumns(
      m, k, Op(ta, a, lda), [op_b](size_t j) { return op_b.At(0, j); }, c, ldc, 0, n, epilogue);
}

}  // namespace nf::ref

#endif  // NF_KERNELS_REF_GEMM_H_
