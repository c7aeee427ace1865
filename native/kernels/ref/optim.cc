#include "kernels/ref/optim.h"

#include "kernels/kernel_table.h"

namespace nf {

void FillScalarOptim(KernelTable& table) {
  table.optim = {ref::Adam<float>, ref::AdamW<float>, ref::Sgd<float>, ref::RmsProp<float>};
}

}  // namespace nf
