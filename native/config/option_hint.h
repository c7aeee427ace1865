// What an error about an unknown option says besides: the name that was meant.
#ifndef NF_CONFIG_OPTION_HINT_H_
#define NF_CONFIG_OPTION_HINT_H_

#include <string>
#include <vector>

namespace nf {

// "did you mean 'inputSize'?" for "input_size": the one of `known` that NeuralForecast's or
// Prophet's Python calls `name`, or else the one that differs from it by few edits. An option of
// another place is named with that place. "" when there is nothing near.
std::string OptionHint(const std::string& name, const std::vector<std::string>& known);

}  // namespace nf

#endif  // NF_CONFIG_OPTION_HINT_H_
