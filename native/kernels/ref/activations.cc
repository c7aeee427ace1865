#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/activations.h"

namespace nf {

void FillScalarActivations(KernelTable& table) {
  table.activation = {ref::ActivationForward<float>, ref::ActivationBackward<float>};
}

}  // namespace nf
