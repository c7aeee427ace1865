#include "parallel/executor.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "util/error.h"

#if defined(__SANITIZE_THREAD__)
// oneTBB's own atomics are invisible to the sanitizer: what it does to its own memory is no
// finding.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions() {
  return "race:tbb::detail::r1::arena::free_arena\n"
         "race:tbb::detail::r1::market::\n"
         "race:tbb::detail::r1::thread_dispatcher::\n";
}
#endif

namespace nf {
namespace {

// How many of `wanted` threads the system starts now, found by starting them. A refused worker
// would end the process: oneTBB's workers start each other, and nothing catches what a worker
// throws. One of fewer is left to others, as the limit is near.
int StartableWorkers(int wanted) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(wanted));
  std::atomic<bool> end{false};
  int started = 0;
  try {
    for (; started < wanted; ++started) threads.emplace_back([&] { end.wait(false); });
  } catch (const std::system_error&) {
  }
  end = true;
  end.notify_all();
  for (std::thread& thread : threads) thread.join();
  return started == wanted ? wanted : std::max(0, started - 1);
}

// oneTBB's limit of threads in the process, raised (never lowered) to what is asked for: otherwise
// it warns on stderr and gives fewer. Executors share the limit, so several of them at work do not
// oversubscribe the machine. The control is leaked: static destructors run beside live threads.
void AllowThreads(int num_threads) {
  using tbb::global_control;
  static std::mutex* const mutex = new std::mutex;
  static global_control* control = nullptr;
  const std::lock_guard lock(*mutex);
  const size_t wanted = static_cast<size_t>(num_threads);
  if (wanted <= global_control::active_value(global_control::max_allowed_parallelism)) return;
  // The least of all live controls counts, so the old one goes after the new one has come.
  auto* raised = new global_control(global_control::max_allowed_parallelism, wanted);
  delete control;
  control = raised;
}

// oneTBB's task layer, on which its own parallel_for and task_group stand. Those take their tasks
// from a pool of small objects that now and then goes to the heap, because a worker may give a task
// back only after the loop has ended (measured: 1 to 17 allocations in 10,000 loops of 3 or 7
// threads on 2 busy cores, long after warm-up). Here a loop's tasks are kept and used again.
namespace tasks = tbb::detail::d1;

// One run of ParallelFor.
struct LoopState {
  const int64_t count;
  void (*const body)(void* fn, int64_t index, int slot);
  void* const fn;
  const std::atomic<bool>* const cancelled = StopScope::current();  // the caller's job
  std::atomic<int64_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error{};  // of the first that failed

  void Pull(int slot) {
    const StopScope scope(cancelled);
    try {
      for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) {
        ThrowIfStopped();
        body(fn, i, slot);
      }
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
      next.store(count, std::memory_order_relaxed);
    }
  }
};

// Pulls indices until there are none. One a thread, rather than one an index: indices stay in
// order, and an uneven index delays nobody. Its place among the loop's tasks is its slot: no other
// task has it, whatever thread it runs on.
class PullTask final : public tasks::task {
 public:
  void Init(int slot, tasks::wait_context* done) {
    slot_ = slot;
    done_ = done;
  }
  void SetLoop(LoopState* loop) { loop_.store(loop, std::memory_order_release); }

  task* execute(tasks::execution_data&) override {
    loop_.load(std::memory_order_acquire)->Pull(slot_);
    return Finish();
  }
  task* cancel(tasks::execution_data&) override { return Finish(); }

 private:
  // From here on the loop may end and this task may serve the next one.
  task* Finish() {
    done_->release();
    return nullptr;
  }
  std::atomic<LoopState*> loop_{nullptr};
  int slot_ = 0;
  tasks::wait_context* done_ = nullptr;
};

// The tasks of one loop at a time.
struct Frame {
  explicit Frame(int num_threads) : pullers(std::make_unique<PullTask[]>(num_threads)) {
    for (int t = 0; t < num_threads; ++t) pullers[t].Init(t, &unfinished);
  }
  const std::unique_ptr<PullTask[]> pullers;
  tasks::wait_context unfinished{0};
  std::unique_ptr<Frame> next;  // in the list of the idle
};

// Arena slots that only job threads take. Without one to itself a job thread would wait for a slot
// and then serve whatever the arena holds, other jobs' bodies too. More jobs at once still work.
constexpr int kJobSlots = 16;

}  // namespace

struct Executor::Impl {
  explicit Impl(int threads) : num_threads(threads) {}

  // Not before the first loop: most of a forecaster's calls need no other thread.
  void Prepare() {
    std::call_once(prepared, [this] {
      const int workers = StartableWorkers(num_threads - 1);
      AllowThreads(workers + 1);
      arena.initialize(workers + kJobSlots, kJobSlots);
      num_pullers = workers + 1;
    });
  }

  // A frame that no loop uses; a new one only while more loops run at once than ever before.
  std::unique_ptr<Frame> TakeFrame() {
    const std::lock_guard lock(mutex);
    if (!idle) return std::make_unique<Frame>(num_threads);
    auto frame = std::move(idle);
    idle = std::move(frame->next);
    return frame;
  }

  void ReturnFrame(std::unique_ptr<Frame> frame) {
    const std::lock_guard lock(mutex);
    frame->next = std::move(idle);
    idle = std::move(frame);
  }

  // Runs within the arena.
  void Run(LoopState& loop, tbb::task_group_context& context) {
    const int n = static_cast<int>(std::min<int64_t>(loop.count, num_pullers));
    auto frame = TakeFrame();
    frame->unfinished.reserve(n);
    for (int t = 0; t < n; ++t) frame->pullers[t].SetLoop(&loop);
    for (int t = 1; t < n; ++t) tasks::spawn(frame->pullers[t], context);
    tasks::execute_and_wait(frame->pullers[0], context, frame->unfinished, context);
#if defined(__SANITIZE_THREAD__)
    // The wait just now was an acquire, but within oneTBB: one that the sanitizer sees.
    frame->unfinished.reserve();
    frame->unfinished.release();
#endif
    ReturnFrame(std::move(frame));
  }

  const int num_threads;
  int num_pullers = 0;  // num_threads, or fewer where the system starts no more
  std::once_flag prepared;
  tbb::task_arena arena;
  std::mutex mutex;  // of idle
  std::unique_ptr<Frame> idle;
};

Executor::Executor(int num_threads) : num_threads_(num_threads) {
  if (num_threads < 1)
    Fail(ErrorCode::kOutOfRange,
         "numThreads must be an integer >= 1; got " + std::to_string(num_threads));
  if (num_threads > 1) impl_ = std::make_unique<Impl>(num_threads);
}

Executor::~Executor() = default;

// Measured on a virtual machine of 2 cores: an empty loop of 2 indices 0.17 us (the caller does
// both). Loops that follow each other within about a millisecond find the workers awake. After a
// pause of 10 ms or more the kernel (Linux 6.18) often wakes a worker on the caller's own CPU,
// where it waits although the other one is idle, and a short loop then takes as long as on one
// thread. A plain thread woken through a futex fares the same, so it is not oneTBB's doing.
void Executor::Loop(int64_t count, Body body, void* fn) {
  impl_->Prepare();
  LoopState loop{count, body, fn};
  // Taken here, because the arena would put its own floating-point modes on this thread: bodies run
  // under the caller's on every thread, or a result would depend on the thread.
  tbb::task_group_context context(tbb::task_group_context::isolated,
                                  tbb::task_group_context::fp_settings);
  impl_->arena.execute([&] {
    // Isolated: a thread that waits here would otherwise pick up another job's tasks.
    tbb::this_task_arena::isolate([&] { impl_->Run(loop, context); });
  });
  if (loop.error) std::rethrow_exception(loop.error);
}

}  // namespace nf
