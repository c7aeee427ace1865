#include "kernels/ref/activations.h"

#include "kernels/kernel_table.h"

namespace nf {

void FillScalarActivations(KernelTable& table) {
  table.activation = {ref::ActivationForward<float>, ref::ActivationBackward<float>};
}

}  // namespace nf
