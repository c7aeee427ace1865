// Compute threads of one forecaster: a oneTBB task_arena that only job threads enter (never a libuv
// thread). Loops are deterministic in their results: what an index computes never depends on which
// thread runs it or on how many there are.
#ifndef NF_PARALLEL_EXECUTOR_H_
#define NF_PARALLEL_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <type_traits>

#include "util/job_control.h"

namespace nf {

class Executor {
 public:
  // num_threads >= 1 counts the calling (job) thread. The others are started by the first loop;
  // where the system starts fewer, loops run on those.
  explicit Executor(int num_threads);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  int num_threads() const { return num_threads_; }

  // Calls fn(index, slot) once for every index in [0, count) and returns when all are done. slot is
  // in [0, num_threads) and no two calls of this loop that run at once share it: use it to pick
  // scratch memory of the caller's. Indices are handed out in order from a shared counter. The
  // first exception thrown by fn is rethrown here after the loop has stopped; so is kAborted when
  // the caller's job is cancelled (ThrowIfStopped(), asked before each index). fn runs under the
  // caller's floating-point modes. count == 1 or one thread: runs inline, no TBB. Several job
  // threads may loop at once. Allocates nothing after the first calls. Loops must not be nested.
  template <class Fn>
  void ParallelFor(int64_t count, Fn&& fn) {
    using F = std::remove_reference_t<Fn>;
    if (count <= 0) return;
    if (count == 1 || num_threads_ == 1) {
      for (int64_t i = 0; i < count; ++i) {
        ThrowIfStopped();
        fn(i, 0);
      }
      return;
    }
    Loop(
        count, [](void* f, int64_t i, int slot) { (*static_cast<F*>(f))(i, slot); },
        const_cast<void*>(static_cast<const void*>(&fn)));
  }

 private:
  using Body = void (*)(void* fn, int64_t index, int slot);
  void Loop(int64_t count, Body body, void* fn);

  int num_threads_;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nf

#endif  // NF_PARALLEL_EXECUTOR_H_
