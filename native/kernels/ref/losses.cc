#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/losses.h"

namespace nf {
namespace {

double ScalarLoss(const LossArgs& a) {
  return ref::Loss(a.kind, a.delta, a.quantiles, a.rows * a.horizon, a.outputs, a.y_hat, a.y,
                   a.weight, a.grad_scale, a.grad);
}

}  // namespace

void FillScalarLosses(KernelTable& table) { table.loss = {ScalarLoss}; }

}  // namespace nf
