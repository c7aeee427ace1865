// The way from a head to the kernels of losses that are sums over points.
#ifndef NF_HEADS_POINTS_H_
#define NF_HEADS_POINTS_H_

#include "heads/head.h"

namespace nf {

// The rows as the kernel of a loss with one output takes them.
inline LossArgs PointsOf(const LossRows& rows, LossKind kind) {
  LossArgs args;
  args.kind = kind;
  args.rows = static_cast<size_t>(rows.rows);
  args.horizon = static_cast<size_t>(rows.points);
  args.y_hat = rows.raw;
  args.y = rows.target;
  args.weight = rows.weight;
  args.grad_scale = rows.grad_scale;
  args.grad = rows.grad;
  return args;
}

}  // namespace nf

#endif  // NF_HEADS_POINTS_H_
