#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/optim.h"

namespace nf {

void FillScalarOptim(KernelTable& table) {
  table.optim = {ref::Adam<float>, ref::AdamW<float>, ref::Sgd<float>, ref::RmsProp<float>};
}

}  // namespace nf
