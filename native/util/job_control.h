// How a caller stops and watches a long computation.
#ifndef NF_UTIL_JOB_CONTROL_H_
#define NF_UTIL_JOB_CONTROL_H_

#include <atomic>
#include <cstdint>
#include <functional>

#include "util/error.h"

namespace nf {

struct Progress {
  int64_t step = 0, max_steps = 0;
  double train_loss = 0.0;
  double valid_loss = 0.0;  // of the latest check; NaN before the first
  double learning_rate = 0.0;
  double seconds = 0.0;  // since the job began
};

struct JobControl {
  std::atomic<bool> cancelled{false};
  // Called from the job thread after every step; must be cheap and must not throw. May be empty.
  std::function<void(const Progress&)> on_progress;

  void ThrowIfCancelled() const {
    if (cancelled.load(std::memory_order_relaxed))
      Fail(ErrorCode::kAborted, "The operation was aborted");
  }
};

}  // namespace nf

#endif  // NF_UTIL_JOB_CONTROL_H_
