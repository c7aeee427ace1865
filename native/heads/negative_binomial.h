// What a mixture of negative binomial distributions asks of one.
#ifndef NF_HEADS_NEGATIVE_BINOMIAL_H_
#define NF_HEADS_NEGATIVE_BINOMIAL_H_

#include <memory>

#include "heads/distribution.h"

namespace nf {

// How the mean is anchored: mean * scale + loc, or, as NBMM has it, mean * loc.
enum class MeanAnchor : uint8_t { kAffine, kTimesLoc };
std::unique_ptr<const Distribution> MakeNegativeBinomial(MeanAnchor anchor);

}  // namespace nf

#endif  // NF_HEADS_NEGATIVE_BINOMIAL_H_
