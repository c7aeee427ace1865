// Patches of a series, value by value.
#include "ops/patches.h"

#include <algorithm>

#include "testing/op_case.h"

namespace nf {
namespace {

GraphCase PatchesCase(int64_t time, int64_t length, int64_t stride, int64_t padding) {
  return Unary(
      Label("time, length", time, length) + Label(", stride, padding", stride, padding), {time},
      [=](Recorder& g, Tensor x) { return Patches(g, x, length, stride, padding); },
      [=](const Doubles& x) {
        Doubles y;
        for (int64_t begin = 0; begin + length <= time + padding; begin += stride) {
          for (int64_t i = begin; i < begin + length; ++i)
            y.push_back(x[static_cast<size_t>(std::min(i, time - 1))]);
        }
        return y;
      });
}

}  // namespace

// One patch, patches that touch, overlap or leave steps out, steps behind the last one, padding
// longer than the series.
std::vector<GraphCase> CasePatches() {
  return {PatchesCase(1, 1, 1, 0), PatchesCase(6, 6, 4, 0),  PatchesCase(12, 4, 4, 4),
          PatchesCase(9, 4, 2, 2), PatchesCase(23, 9, 4, 4), PatchesCase(11, 2, 5, 5),
          PatchesCase(3, 5, 2, 8)};
}

}  // namespace nf
