// What a fit validates on, whatever the kind of model.
#ifndef NF_DATA_VALIDATION_H_
#define NF_DATA_VALIDATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "data/panel.h"

namespace nf {

struct Validation {
  int64_t validation_size = 0;              // rows at the end of each series; 0: no validation
  const Panel* validation_panel = nullptr;  // other data to validate on instead
  // Ids of the panels' series, for error messages; may be empty.
  std::vector<std::string> series_names, validation_names;
};

}  // namespace nf

#endif  // NF_DATA_VALIDATION_H_
