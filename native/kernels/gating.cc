#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gating.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/gating-inl.h"
#include "kernels/kernel_table.h"
#include "simd/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

void FillGatingTarget(KernelTable& table) {
  table.gating = {GluForward, GluBackward, SoftmaxForward, SoftmaxBackward, ScaleRows, DotRows};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nf {
NF_FILL_FAMILY(Gating);
}  // namespace nf
#endif  // HWY_ONCE
