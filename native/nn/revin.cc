#include "nn/revin.h"

#include "ops/affine.h"
#include "ops/standardise.h"

namespace nf {

RevIn::RevIn(Recorder& g, Tensor x, const RevInOptions& options, const std::string& name)
    : moments_(Moments(g, x, options.centre)), normalised_(Standardise(g, x, moments_)) {
  if (!options.affine) return;
  weight_ = g.Parameter(name + ".affine_weight", {1}, 0.0, 1.0);
  bias_ = g.Parameter(name + ".affine_bias", {1}, 0.0);
  normalised_ = Affine(g, normalised_, weight_, bias_);
}

Tensor RevIn::Undo(Recorder& g, Tensor y) const {
  if (!weight_.empty()) y = AffineInverse(g, y, weight_, bias_);
  return Unstandardise(g, y, moments_);
}

}  // namespace nf
