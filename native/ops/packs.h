// The forms that ops have weights and constants packed in.
#ifndef NF_OPS_PACKS_H_
#define NF_OPS_PACKS_H_

#include "graph/const_matrix.h"
#include "graph/op.h"

namespace nf {

// A matrix op(B), k x n, as it lies in a weight: from `offset` floats on, with rows `ld` apart.
// kNo: k x n, kYes: n x k.
struct PackedMatrix {
  Trans trans = Trans::kNo;
  int64_t k = 0, n = 0, ld = 0, offset = 0;
};

// For GemmKernels::packed.
PackRequest GemmPack(TensorId weight, const PackedMatrix& matrix);
// Of a constant, or of its transpose.
PackRequest GemmPack(const ConstMatrix& constant, Trans trans);
// W_hh [gates * units, width] for RecurrentKernels.
PackRequest RecurrentPack(TensorId weight, int64_t gates, int64_t units, int64_t width);
// A constant as it is: row-major floats.
PackRequest PlainPack(const ConstMatrix& constant);

// Needed in training only.
PackRequest ForBackward(PackRequest request);

}  // namespace nf

#endif  // NF_OPS_PACKS_H_
