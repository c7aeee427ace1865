#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activations.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/activations-inl.h"
#include "kernels/kernel_table.h"
#include "simd/dispatch.h"
#include "simd/loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

struct ForwardLoop {
  template <Activation kAct>
  static HWY_INLINE void Run(const float* x, float* y, size_t n) {
    ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
      lanes.Store(ActivateAs<kAct>(FloatTag(), lanes.Load(x + i)), y + i);
    });
  }
};

struct BackwardLoop {
  template <Activation kAct>
  static HWY_INLINE void Run(const float* y, const float* dy, float* dx, size_t n) {
    ForLanes(n, [=](size_t i, auto lanes) HWY_ATTR {
      const FloatVec out =
          ActivateBackwardAs<kAct>(FloatTag(), lanes.Load(y + i), lanes.Load(dy + i));
      lanes.Store(out, dx + i);
    });
  }
};

void ActivationForward(Activation act, const float* x, float* y, size_t n) {
  WithActivation<ForwardLoop>(act, x, y, n);
}

void ActivationBackward(Activation act, const float* y, const float* dy, float* dx, size_t n) {
  WithActivation<BackwardLoop>(act, y, dy, dx, n);
}

void FillActivationsTarget(KernelTable& table) {
  table.activation = {ActivationForward, ActivationBackward};
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace nf
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nf {
NF_FILL_FAMILY(Activations);
}  // namespace nf
#endif  // HWY_ONCE
