#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/elementwise-inl.h"
#include "kernels/kernel_table.h"
#include "simd/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

void FillElementwiseTarget(KernelTable& table) {
  table.elementwise = {SubMul, Axpy, Scale, Reverse, ColumnSums, SumSquares, Dropout};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nf {
NF_FILL_FAMILY(Elementwise);
}  // namespace nf
#endif  // HWY_ONCE
