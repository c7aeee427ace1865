#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/pooling.h"

namespace nf {

void FillScalarPooling(KernelTable& table) {
  table.pooling = {ref::MaxForward<float>,           ref::MaxBackward<float>,
                   ref::AverageForward<float>,       ref::AverageBackward<float>,
                   ref::MovingAverageForward<float>, ref::MovingAverageBackward<float>};
}

}  // namespace nf
