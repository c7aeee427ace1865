// What a mixture of Poisson distributions asks of one.
#ifndef NF_HEADS_POISSON_H_
#define NF_HEADS_POISSON_H_

#include <memory>

#include "heads/distribution.h"

namespace nf {

// A Poisson distribution whose rate is never below `least`.
std::unique_ptr<const Distribution> MakePoisson(double least);

}  // namespace nf

#endif  // NF_HEADS_POISSON_H_
