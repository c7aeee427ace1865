// What a fit tells when it is done, whatever the kind of model.
#ifndef NF_UTIL_FIT_REPORT_H_
#define NF_UTIL_FIT_REPORT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nf {

struct FitReport {
  std::string model;
  int64_t steps = 0;
  bool stopped_early = false;
  std::vector<double> train_loss;                      // one a step
  std::vector<std::pair<int64_t, double>> valid_loss;  // (step, loss)
  double best_valid_loss = 0.0;                        // NaN without validation
  double seconds = 0.0;
  double samples_per_second = 0.0;    // windows per second
  std::vector<std::string> warnings;  // sentences
};

}  // namespace nf

#endif  // NF_UTIL_FIT_REPORT_H_
