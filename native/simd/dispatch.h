// One family of kernels, compiled for every target, filled in for any one of them.
//
// A family's .cc re-includes itself through hwy/foreach_target.h. Each pass defines
// nf::HWY_NAMESPACE::Fill<Family>Target(KernelTable&); the last one (HWY_ONCE) adds
// NF_FILL_FAMILY(<Family>), which is Fill<Family>(target, table) of kernel_table.h.
// The choice goes through a local hwy::ChosenTarget: no global state, so any thread may fill any
// target's table at any time (HWY_DYNAMIC_DISPATCH would use the one of the process).
#ifndef NF_SIMD_DISPATCH_H_
#define NF_SIMD_DISPATCH_H_

#include <cstddef>
#include <cstdint>

#include "simd/targets.h"
// targets.h goes first.
#include "hwy/highway.h"
#include "util/error.h"

namespace nf {

// The entry for one target bit in the table that HWY_EXPORT made.
template <class Function, size_t kEntries>
Function ForTarget(Function const (&entries)[kEntries], int64_t target) {
  NF_CHECK((target & (target - 1)) == 0 && (target & HWY_TARGETS) != 0);
  if constexpr (kEntries == 1) {  // a single compiled target has no table
    return entries[0];
  } else {
    hwy::ChosenTarget chosen;
    chosen.Update(target);
    return entries[chosen.GetIndex()];
  }
}

}  // namespace nf

// In namespace nf, under HWY_ONCE.
#define NF_FILL_FAMILY(Family)                                          \
  HWY_EXPORT(Fill##Family##Target);                                     \
  void Fill##Family(int64_t target, KernelTable& table) {               \
    ForTarget(HWY_DISPATCH_TABLE(Fill##Family##Target), target)(table); \
  }                                                                     \
  static_assert(true, "")

#endif  // NF_SIMD_DISPATCH_H_
