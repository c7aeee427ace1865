#include "kernels/ref/scalar.h"
// scalar.h goes first.
#include "kernels/kernel_table.h"
#include "kernels/ref/attention.h"

namespace nf {
namespace {

ref::Attention<float> Floats(const AttentionArgs& a) {
  return {a, a.q, a.k, a.v, a.mask, a.out, a.statistics, a.d_out, a.dq, a.dk, a.dv};
}

void Forward(const AttentionArgs& args, size_t begin, size_t end, float* scratch) {
  ref::AttentionForward(Floats(args), begin, end, scratch);
}

void Backward(const AttentionArgs& args, float* scratch) {
  ref::AttentionBackward(Floats(args), scratch);
}

}  // namespace

void FillScalarAttention(KernelTable& table) {
  table.attention = {ref::AttentionScratch, Forward, Backward};
}

}  // namespace nf
