// How a caller stops and watches a long computation.
#ifndef NF_UTIL_JOB_CONTROL_H_
#define NF_UTIL_JOB_CONTROL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

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

// While it lives, what this thread does is done for a job: ThrowIfStopped() heeds its flag, however
// deep it is called. An Executor hands the job on to the threads that share a loop.
class StopScope {
 public:
  explicit StopScope(const std::atomic<bool>* cancelled)
      : outer_(std::exchange(current_, cancelled)) {}
  ~StopScope() { current_ = outer_; }
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

  // Null outside of any job, as in the synchronous calls.
  static const std::atomic<bool>* current() { return current_; }

 private:
  inline static constinit thread_local const std::atomic<bool>* current_ = nullptr;
  const std::atomic<bool>* const outer_;
};

// Throws kAborted when the job that this thread works for was cancelled. Cheap: work that takes
// longer than about 10 ms asks between its parts.
inline void ThrowIfStopped() {
  const std::atomic<bool>* cancelled = StopScope::current();
  if (cancelled != nullptr && cancelled->load(std::memory_order_relaxed))
    Fail(ErrorCode::kAborted, "The operation was aborted");
}

}  // namespace nf

#endif  // NF_UTIL_JOB_CONTROL_H_
