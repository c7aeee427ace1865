#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/recurrent.h"

namespace nf {
namespace {

size_t PackedSize(size_t gates, size_t units, size_t width) {
  return (gates * units * width + 15) & ~size_t{15};
}

}  // namespace

void FillScalarRecurrent(KernelTable& table) {
  table.recurrent = {PackedSize, ref::PackRecurrent<float>, ref::RecurrentStep<float>,
                     ref::RecurrentStepGrad<float>};
}

}  // namespace nf
