// Reversible instance normalisation (Kim et al., 2022): a window is standardised on its way in, and
// its forecast is put back where the window was.
#ifndef NF_NN_REVIN_H_
#define NF_NN_REVIN_H_

#include <string>

#include "ops/moments.h"

namespace nf {

struct RevInOptions {
  bool affine = false;  // a learned scale and shift behind it
  Centre centre = Centre::kMean;
};

// x [L] of one series, as NeuralForecast's RevIN: parameters "<name>.affine_weight" (fresh: 1) and
// "<name>.affine_bias" (0), [1]. Gradients go through the statistics too, where x has one: behind
// the scaler of the same name. (There, NeuralForecast holds them fast.)
class RevIn {
 public:
  RevIn(Recorder& g, Tensor x, const RevInOptions& options, const std::string& name);

  Tensor normalised() const { return normalised_; }  // [L]
  // Of forecasts, whatever their shape.
  Tensor Undo(Recorder& g, Tensor y) const;

 private:
  Tensor moments_, normalised_;
  Weight weight_, bias_;  // none without the affine part
};

}  // namespace nf

#endif  // NF_NN_REVIN_H_
