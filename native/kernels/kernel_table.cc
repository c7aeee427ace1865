#include "kernels/kernel_table.h"

#include <array>

#include "simd/targets.h"
// Not alphabetical: targets.h decides what hwy compiles for.
#include "hwy/highway.h"
#include "hwy/targets.h"

namespace nf {
namespace {

struct Tables {
  // At most one bit of the target mask each, and the scalar twins.
  std::array<KernelTable, 64> tables;
  std::array<const KernelTable*, 64> pointers;
  size_t count = 0;

  Tables() {
    // A lower bit is a better target.
    for (int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) {
      const int64_t target = left & -left;
      KernelTable& table = Add(hwy::TargetName(target));
      FillActivations(target, table);
      FillAttention(target, table);
      FillElementwise(target, table);
      FillGating(target, table);
      FillGemm(target, table);
      FillLayout(target, table);
      FillLosses(target, table);
      FillMaps(target, table);
      FillNorm(target, table);
      FillOptim(target, table);
      FillPooling(target, table);
      FillRecurrent(target, table);
    }
    KernelTable& scalar = Add("SCALAR");
    FillScalarActivations(scalar);
    FillScalarAttention(scalar);
    FillScalarElementwise(scalar);
    FillScalarGating(scalar);
    FillScalarGemm(scalar);
    FillScalarLayout(scalar);
    FillScalarLosses(scalar);
    FillScalarMaps(scalar);
    FillScalarNorm(scalar);
    FillScalarOptim(scalar);
    FillScalarPooling(scalar);
    FillScalarRecurrent(scalar);
  }

  KernelTable& Add(const char* name) {
    tables[count].target = name;
    pointers[count] = &tables[count];
    return tables[count++];
  }
};

const Tables& AllTables() {
  static const Tables tables;
  return tables;
}

}  // namespace

const KernelTable& BestKernels() { return *AllTables().pointers[0]; }

const KernelTable& ScalarKernels() {
  const Tables& all = AllTables();
  return *all.pointers[all.count - 1];
}

std::span<const KernelTable* const> AllKernels() {
  const Tables& all = AllTables();
  return {all.pointers.data(), all.count};
}

}  // namespace nf
