// Long work off the event loop: on threads of the addon, never on the libuv pool (where four
// trainings would hold up every fs.stat for their whole duration, and terminate() and exit() too).
//
// Lanes, so that a forecast never waits behind a queue of trainings, nor shares a thread with one:
// a thread's priority is for life. Job threads start when they are needed and stay for the next
// job. Everything that JavaScript sees happens on the JS thread: a job thread leaves news and wakes
// it through one ThreadSafeFunction per environment.
//
// Nobody waits for a job that is cancelled: its promise rejects at once, and the job goes on to its
// next check (ThrowIfStopped()) behind it. What it works with is kept until its thread has said
// that it ended, and then freed on the JS thread. Only a job that writes files settles when it has
// ended, so that nothing is written behind the caller's back.
//
// Training threads may have a low priority, so nothing that the event loop waits for may be held by
// one that is off its core. Waking is: a ThreadSafeFunction holds its lock while it wakes the loop,
// which then runs in the waker's place and blocks on that very lock (500 ms were seen). So training
// threads ask the messenger, a thread of normal priority, to do it.
#ifndef NF_BIND_JOBS_H_
#define NF_BIND_JOBS_H_

#include <napi.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <vector>

#include "bind/errors.h"
#include "util/job_control.h"

namespace nf::bind {

enum class Lane { kForecast, kTraining, kLowTraining };
constexpr size_t kNumLanes = 3;

// One asynchronous call. Made and destroyed on the JS thread: it may hold JS references.
class Job : public std::enable_shared_from_this<Job> {
 public:
  // `owner` is what Abandon() selects by. on_progress may be empty.
  Job(Napi::Env env, Lane lane, const void* owner) : deferred_(env), lane_(lane), owner_(owner) {}
  virtual ~Job() = default;

  // On a job thread; may throw. Touches no JS value.
  virtual void Run(const JobControl& control) = 0;
  virtual bool WritesFiles() const { return false; }
  // On the JS thread when the job has ended either way. Its promise settles after that, or has been
  // rejected before.
  virtual void Ended(Napi::Env) {}
  // When Run returned and nobody cancelled: the promise's value. May throw.
  virtual Napi::Value Result(Napi::Env env) { return env.Undefined(); }

  void ReportProgressTo(Napi::Function callback) { on_progress_ = Napi::Persistent(callback); }

 private:
  friend class JobRunner;
  enum class State { kQueued, kRunning, kEnded };

  Napi::Promise::Deferred deferred_;
  Napi::FunctionReference on_progress_;
  const Lane lane_;
  const void* const owner_;
  Napi::Error callback_error_;  // what on_progress threw: it becomes the outcome
  bool settled_ = false;
  JobControl control_;

  // Job thread only: what it has not shown yet, so that it need not lock at every step.
  std::optional<Progress> latest_;
  std::chrono::steady_clock::time_point shown_at_;

  // The rest is guarded by the runner's mutex.
  State state_ = State::kQueued;
  bool in_news_ = false;
  std::optional<Progress> progress_;  // the latest one that JavaScript has not seen
  std::optional<Failure> failure_;
};

// The jobs of one environment (the main thread or a worker). Its methods run on the JS thread.
class JobRunner {
 public:
  explicit JobRunner(napi_env env) : env_(env) {}
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  // Returns {promise, cancel()}. The event loop stays alive until the promise settles. Throws
  // Error(kNoThread) where the system gives no thread.
  Napi::Object Start(std::shared_ptr<Job> job);
  // Cancels the owner's jobs: their promises reject with ABORT_ERR.
  void Abandon(const void* owner);

 private:
  struct LaneState {
    std::deque<std::shared_ptr<Job>> queue;
    std::condition_variable wake;
    std::vector<std::thread> threads;
    size_t idle = 0;
  };

  void Open();  // first job: the ThreadSafeFunction, the hooks
  static void OnNews(napi_env env, napi_value, void* context, void*);
  void Deliver(Napi::Env env);  // all news to JavaScript
  void DeliverProgress(Napi::Env env, const std::shared_ptr<Job>& job);
  void Settle(Napi::Env env, const std::shared_ptr<Job>& job,
              const std::optional<Failure>& failure);
  bool HasEnded(const Job& job);
  void Forget(Napi::Env env, const std::shared_ptr<Job>& job);
  void Cancel(const std::shared_ptr<Job>& job);
  void Enqueue(const std::shared_ptr<Job>& job);
  void StartThreadFor(LaneState& lane, Lane kind);
  void ThreadMain(LaneState& lane, Lane kind);
  void MessengerMain();
  void Execute(Job& job);
  void ShowProgress(Job& job, const Progress& progress);
  bool AddNews(Job& job);                         // mutex held; true: WakeJs() is due after it
  void WakeJs(Lane from);                         // mutex not held
  bool Dequeue(const std::shared_ptr<Job>& job);  // mutex held; false when not in the queue
  void Stop();                                    // every thread at its next check
  void Join();
  void CloseEnvironment();      // the cleanup hook
  static void StopAllAtExit();  // the main thread's process.exit()
  bool StopForExit(std::chrono::steady_clock::time_point deadline);

  LaneState& lane(const Job& job) { return lanes_[static_cast<size_t>(job.lane_)]; }

  napi_env env_;
  napi_threadsafe_function wake_js_ = nullptr;
  // JS thread only: those whose threads have not reported their end, and how many of their promises
  // are pending.
  std::unordered_set<std::shared_ptr<Job>> jobs_;
  size_t unsettled_ = 0;

  std::mutex mutex_;
  std::condition_variable ended_;  // a job has left its thread
  LaneState lanes_[kNumLanes];
  size_t running_ = 0;
  bool stopping_ = false;
  bool news_posted_ = false;
  std::vector<std::shared_ptr<Job>> news_;  // at most one entry a job

  std::thread messenger_;
  std::mutex messenger_mutex_;
  std::condition_variable messenger_wake_;
  bool message_due_ = false, messenger_stops_ = false;
};

}  // namespace nf::bind

#endif  // NF_BIND_JOBS_H_
