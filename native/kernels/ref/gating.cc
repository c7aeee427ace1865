#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/gating.h"

namespace nf {

void FillScalarGating(KernelTable& table) {
  table.gating = {ref::GluForward<float>,      ref::GluBackward<float>, ref::SoftmaxForward<float>,
                  ref::SoftmaxBackward<float>, ref::ScaleRows<float>,   ref::DotRows<float>};
}

}  // namespace nf
