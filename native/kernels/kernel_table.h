// All kernels of one instruction set. A Program holds a pointer to one table; there is no dispatch
// below that.
#ifndef NF_KERNELS_KERNEL_TABLE_H_
#define NF_KERNELS_KERNEL_TABLE_H_

#include <cstdint>
#include <span>

#include "kernels/activations.h"
#include "kernels/attention.h"
#include "kernels/elementwise.h"
#include "kernels/gating.h"
#include "kernels/gemm.h"
#include "kernels/layout.h"
#include "kernels/losses.h"
#include "kernels/maps.h"
#include "kernels/norm.h"
#include "kernels/optim.h"
#include "kernels/pooling.h"
#include "kernels/recurrent.h"

namespace nf {

struct KernelTable {
  const char* target;  // "AVX3", "AVX2", "SSE2", "NEON", ..., or "SCALAR"
  ActivationKernels activation;
  AttentionKernels attention;
  ElementwiseKernels elementwise;
  GatingKernels gating;
  GemmKernels gemm;
  LayoutKernels layout;
  LossKernels loss;
  MapKernels map;
  NormKernels norm;
  OptimKernels optim;
  PoolingKernels pooling;
  RecurrentKernels recurrent;
};

// The best table that this CPU runs. Chosen once.
const KernelTable& BestKernels();
// The scalar twins of kernels/ref, in float: simdEnabled = false.
const KernelTable& ScalarKernels();
// Every compiled table that this CPU runs, best first, the scalar one last: for tests.
std::span<const KernelTable* const> AllKernels();

// Each family fills its part for one target (a bit of hwy's target mask) or for the scalar twins.
#define NF_DECLARE_FAMILY(Family, member)                \
  void Fill##Family(int64_t target, KernelTable& table); \
  void FillScalar##Family(KernelTable& table);
NF_DECLARE_FAMILY(Activations, activation)
NF_DECLARE_FAMILY(Attention, attention)
NF_DECLARE_FAMILY(Elementwise, elementwise)
NF_DECLARE_FAMILY(Gating, gating)
NF_DECLARE_FAMILY(Gemm, gemm)
NF_DECLARE_FAMILY(Layout, layout)
NF_DECLARE_FAMILY(Losses, loss)
NF_DECLARE_FAMILY(Maps, map)
NF_DECLARE_FAMILY(Norm, norm)
NF_DECLARE_FAMILY(Optim, optim)
NF_DECLARE_FAMILY(Pooling, pooling)
NF_DECLARE_FAMILY(Recurrent, recurrent)
#undef NF_DECLARE_FAMILY

}  // namespace nf

#endif  // NF_KERNELS_KERNEL_TABLE_H_
