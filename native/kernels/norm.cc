#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/norm.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/kernel_table.h"
#include "kernels/norm-inl.h"
#include "simd/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

void FillNormTarget(KernelTable& table) {
  table.norm = {LayerForward, LayerBackward,  LayerGamma,
                ChannelSums,  ChannelForward, ChannelBackward};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nf {
NF_FILL_FAMILY(Norm);
}  // namespace nf
#endif  // HWY_ONCE
