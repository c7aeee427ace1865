// Included first by the .cc of every scalar table: they are what vectors are measured against, so
// the compiler may not put vectors back. (Clang has no such pragma for a whole file: its scalar
// tables are vectorised to the baseline.)
#ifndef NF_KERNELS_REF_SCALAR_H_
#define NF_KERNELS_REF_SCALAR_H_

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-vectorize")
#endif

#endif  // NF_KERNELS_REF_SCALAR_H_
