// What a fit of Prophet could not learn, in words.
#ifndef NF_LOCAL_PROPHET_ADVICE_H_
#define NF_LOCAL_PROPHET_ADVICE_H_

#include "local/prophet/fit.h"

namespace nf {

// One sentence for each block of columns that is constant (its columns of problem.X are 0), or that
// the rows cannot tell from the blocks before it; `name` begins them. At most five of the latter.
std::vector<std::string> ProphetAdvice(const std::vector<ProphetBlock>& blocks,
                                       const ProphetProblem& problem,
                                       const ProphetSolution& solution, const std::string& name);

}  // namespace nf

#endif  // NF_LOCAL_PROPHET_ADVICE_H_
