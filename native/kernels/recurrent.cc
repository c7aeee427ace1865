#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/recurrent.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/kernel_table.h"
#include "kernels/recurrent-inl.h"
#include "simd/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

void FillRecurrentTarget(KernelTable& table) {
  table.recurrent = {RecurrentPackedSize, PackRecurrent, RecurrentStep, RecurrentStepGrad};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nf {
NF_FILL_FAMILY(Recurrent);
}  // namespace nf
#endif  // HWY_ONCE
