#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layout.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/kernel_table.h"
#include "kernels/layout-inl.h"
#include "simd/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

void FillLayoutTarget(KernelTable& table) { table.layout = {Unfold, Fold, TransposeRows}; }

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nf {
NF_FILL_FAMILY(Layout);
}  // namespace nf
#endif  // HWY_ONCE
