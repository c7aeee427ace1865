#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/elementwise.h"

namespace nf {

void FillScalarElementwise(KernelTable& table) {
  table.elementwise = {ref::SubMul<float>,  ref::Axpy<float>,       ref::Scale<float>,
                       ref::Reverse<float>, ref::ColumnSums<float>, ref::SumSquares<float>,
                       ref::Dropout<float>};
}

}  // namespace nf
