#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/norm.h"

namespace nf {

void FillScalarNorm(KernelTable& table) {
  table.norm = {ref::LayerForward<float>, ref::LayerBackward<float>,  ref::LayerGamma<float>,
                ref::ChannelSums<float>,  ref::ChannelForward<float>, ref::ChannelBackward<float>};
}

}  // namespace nf
