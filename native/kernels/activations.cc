#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activations.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "kernels/activations-inl.h"
#include "kernels/kernel_table.h"
#include "simd/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace nf {
namespace HWY_NAMESPACE {

struct ForwardLoop {
  template <Activation kAct>
  static HWY_INLINE void Run(const float* x, float* y, size_t n) {
    const hn::ScalableTag<float> d;
    const size_t lanes = hn::Lanes(d);
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      hn::StoreU(ActivateAs<kAct>(d, hn::LoadU(d, x + i)), d, y + i);
    }
    if (i < n) hn::StoreN(ActivateAs<kAct>(d, hn::LoadN(d, x + i, n - i)), d, y + i, n - i);
  }
};

struct BackwardLoop {
  template <Activation kAct>
  static HWY_INLINE void Run(const float* y, const float* dy, float* dx, size_t n) {
    const hn::ScalableTag<float> d;
    const size_t lanes = hn::Lanes(d);
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      const auto out = ActivateBackwardAs<kAct>(d, hn::LoadU(d, y + i), hn::LoadU(d, dy + i));
      hn::StoreU(out, d, dx + i);
    }
    if (i < n) {
      const size_t rest = n - i;
      const auto out =
          ActivateBackwardAs<kAct>(d, hn::LoadN(d, y + i, rest), hn::LoadN(d, dy + i, rest));
      hn::StoreN(out, d, dx + i, rest);
    }
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
