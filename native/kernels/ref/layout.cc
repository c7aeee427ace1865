#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/layout.h"

namespace nf {

void FillScalarLayout(KernelTable& table) {
  table.layout = {ref::Unfold<float>, ref::Fold<float>, ref::Transpose<float>};
}

}  // namespace nf
