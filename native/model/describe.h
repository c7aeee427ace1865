// The tables of models and losses as text for lib/.
#ifndef NF_MODEL_DESCRIBE_H_
#define NF_MODEL_DESCRIBE_H_

#include "util/json.h"

namespace nf {

// [{name, aliases, kind: "neural" or "local", doc, paper, exog: {future, historic, static},
// multivariate, recurrent, probabilistic, fields: [...]}]
Json DescribeModels();
// {model: {tiny, dropout}}: what the tests of lib/ make of each; no part of listModels().
Json DescribeTesting();
// {losses: [{name, doc, options}], fields: [...]}
Json DescribeLosses();

}  // namespace nf

#endif  // NF_MODEL_DESCRIBE_H_
