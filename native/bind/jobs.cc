#include "bind/jobs.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

#include "bind/thread_priority.h"

namespace nf::bind {
namespace {

// Beyond this many at once a lane queues: each job has its own memory for activations.
constexpr size_t kMaxThreadsPerLane = 16;
// Progress wakes the event loop at most this often; a step of a small model takes 50 us.
constexpr std::chrono::milliseconds kProgressInterval(10);
// How long process.exit() waits for jobs to reach their next check.
constexpr std::chrono::seconds kExitPatience(2);

// Runners with threads, for process exit, where Node runs no cleanup hooks on the main thread.
// Leaked on purpose: exit handlers and static destructors run beside live threads.
struct Registry {
  std::mutex mutex;
  std::vector<JobRunner*> runners;
};
Registry& TheRegistry() {
  static Registry& registry = *new Registry;
  return registry;
}

}  // namespace

JobRunner::~JobRunner() = default;

Napi::Object JobRunner::Start(std::shared_ptr<Job> job) {
  Napi::Env env(env_);
  if (wake_js_ == nullptr) Open();
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("promise", job->deferred_.Promise());
  handle.Set("cancel", Napi::Function::New(
                           env, [this, weak = std::weak_ptr<Job>(job)](const Napi::CallbackInfo&) {
                             if (auto live = weak.lock()) Cancel(live);
                           }));
  if (!job->on_progress_.IsEmpty())
    job->control_.on_progress = [this, raw = job.get()](const Progress& progress) {
      ShowProgress(*raw, progress);
    };
  jobs_.insert(job);
  try {
    Enqueue(job);
  } catch (...) {
    jobs_.erase(job);
    throw;
  }
  if (unsettled_++ == 0) napi_ref_threadsafe_function(env_, wake_js_);
  return handle;
}

void JobRunner::Enqueue(const std::shared_ptr<Job>& job) {
  std::lock_guard lock(mutex_);
  LaneState& lane = this->lane(*job);
  news_.reserve(jobs_.size());  // so that a job thread never allocates to add some
  if (lane.idle <= lane.queue.size() && lane.threads.size() < kMaxThreadsPerLane)
    StartThreadFor(lane, job->lane_);
  lane.queue.push_back(job);
  lane.wake.notify_one();
}

// Without a new thread the lane's other threads do its jobs in turn.
void JobRunner::StartThreadFor(LaneState& lane, Lane kind) {
  try {
    if (kind != Lane::kForecast && !messenger_.joinable())
      messenger_ = std::thread([this] { MessengerMain(); });
    lane.threads.emplace_back([this, &lane, kind] { ThreadMain(lane, kind); });
  } catch (const std::system_error& error) {
    if (!lane.threads.empty()) return;
    Fail(ErrorCode::kNoThread, std::string("The system starts no thread to work on (") +
                                   error.code().message() +
                                   "): raise the limit of threads or processes (ulimit -u, the "
                                   "container's pids limit), or run less at once");
  }
}

void JobRunner::ThreadMain(LaneState& lane, Lane kind) {
  if (kind == Lane::kLowTraining) LowerThreadPriority();
  std::unique_lock lock(mutex_);
  for (;;) {
    ++lane.idle;
    lane.wake.wait(lock, [&] { return stopping_ || !lane.queue.empty(); });
    --lane.idle;
    if (stopping_) return;
    // jobs_ keeps it alive until the JS thread has seen it end.
    Job& job = *lane.queue.front();
    lane.queue.pop_front();
    job.state_ = Job::State::kRunning;
    ++running_;
    lock.unlock();
    Execute(job);
    lock.lock();
    if (job.latest_) job.progress_ = job.latest_;
    job.state_ = Job::State::kEnded;
    --running_;
    const bool wake = AddNews(job);
    ended_.notify_all();
    lock.unlock();  // from here on the job may be gone
    if (wake) WakeJs(kind);
    lock.lock();
  }
}

void JobRunner::Execute(Job& job) {
  const StopScope scope(&job.control_.cancelled);
  try {
    ThrowIfStopped();
    job.Run(job.control_);
  } catch (...) {
    Failure failure = CurrentFailure();
    std::lock_guard lock(mutex_);
    job.failure_ = std::move(failure);
  }
}

void JobRunner::ShowProgress(Job& job, const Progress& progress) {
  job.latest_ = progress;
  const auto now = std::chrono::steady_clock::now();
  if (now - job.shown_at_ < kProgressInterval) return;
  job.shown_at_ = now;
  bool wake;
  {
    std::lock_guard lock(mutex_);
    job.progress_.swap(job.latest_);
    wake = AddNews(job);
  }
  job.latest_.reset();
  if (wake) WakeJs(job.lane_);
}

bool JobRunner::AddNews(Job& job) {
  if (job.in_news_ || stopping_) return false;
  job.in_news_ = true;
  news_.push_back(job.shared_from_this());
  return !std::exchange(news_posted_, true);
}

void JobRunner::WakeJs(Lane from) {
  if (from == Lane::kForecast) {
    napi_call_threadsafe_function(wake_js_, nullptr, napi_tsfn_nonblocking);
    return;
  }
  {
    std::lock_guard lock(messenger_mutex_);
    message_due_ = true;
  }
  messenger_wake_.notify_one();
}

void JobRunner::MessengerMain() {
  std::unique_lock lock(messenger_mutex_);
  for (;;) {
    messenger_wake_.wait(lock, [this] { return message_due_ || messenger_stops_; });
    if (messenger_stops_) return;
    message_due_ = false;
    lock.unlock();
    napi_call_threadsafe_function(wake_js_, nullptr, napi_tsfn_nonblocking);
    lock.lock();
  }
}

bool JobRunner::Dequeue(const std::shared_ptr<Job>& job) {
  auto& queue = lane(*job).queue;
  const auto position = std::find(queue.begin(), queue.end(), job);
  if (position == queue.end()) return false;
  queue.erase(position);
  job->state_ = Job::State::kEnded;
  return true;
}

void JobRunner::Cancel(const std::shared_ptr<Job>& job) {
  if (job->settled_) return;
  job->control_.cancelled = true;
  bool never_ran;
  {
    std::lock_guard lock(mutex_);
    never_ran = Dequeue(job);
  }
  const Napi::Env env(env_);
  if (never_ran) Forget(env, job);
  if (never_ran || !job->WritesFiles())
    Settle(env, job, Failure{ErrorCode::kAborted, "The operation was aborted"});
}

void JobRunner::Abandon(const void* owner) {
  std::vector<std::shared_ptr<Job>> owned;
  for (const auto& job : jobs_)
    if (job->owner_ == owner) owned.push_back(job);
  for (const auto& job : owned) Cancel(job);
}

void JobRunner::OnNews(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;  // the environment is closing
  static_cast<JobRunner*>(context)->Deliver(Napi::Env(env));
}

void JobRunner::Deliver(Napi::Env env) {
  std::vector<std::shared_ptr<Job>> news;
  {
    std::lock_guard lock(mutex_);
    news.swap(news_);
    news_.reserve(jobs_.size());
    news_posted_ = false;
    for (const auto& job : news) job->in_news_ = false;
  }
  for (const auto& job : news) {
    try {
      Napi::HandleScope scope(env);
      // Asked first: the progress of a job that has ended is its last. One that ends in between
      // posts news again.
      const bool ended = HasEnded(*job);
      DeliverProgress(env, job);
      if (!ended) continue;
      Forget(env, job);
      Settle(env, job, job->failure_);
    } catch (...) {
      // Only a terminating environment gets here: nothing in it can be told any more.
    }
  }
}

bool JobRunner::HasEnded(const Job& job) {
  std::lock_guard lock(mutex_);
  return job.state_ == Job::State::kEnded;
}

void JobRunner::DeliverProgress(Napi::Env env, const std::shared_ptr<Job>& job) {
  std::optional<Progress> progress;
  {
    std::lock_guard lock(mutex_);
    progress.swap(job->progress_);
  }
  if (!progress || job->control_.cancelled) return;
  Napi::Object object = Napi::Object::New(env);
  object.Set("step", static_cast<double>(progress->step));
  object.Set("maxSteps", static_cast<double>(progress->max_steps));
  object.Set("trainLoss", progress->train_loss);
  object.Set("validLoss", progress->valid_loss);
  object.Set("learningRate", progress->learning_rate);
  object.Set("seconds", progress->seconds);
  try {
    job->on_progress_.Call({object});
  } catch (Napi::Error& error) {
    job->callback_error_ = std::move(error);  // a copy fails for a thrown primitive
    Cancel(job);
  }
}

// Its thread is done with it.
void JobRunner::Forget(Napi::Env env, const std::shared_ptr<Job>& job) {
  if (jobs_.erase(job) != 0) job->Ended(env);
}

void JobRunner::Settle(Napi::Env env, const std::shared_ptr<Job>& job,
                       const std::optional<Failure>& failure) {
  if (std::exchange(job->settled_, true)) return;  // cancelled before it ended
  if (--unsettled_ == 0) napi_unref_threadsafe_function(env, wake_js_);
  try {
    if (!job->callback_error_.IsEmpty()) throw job->callback_error_;
    if (failure) Fail(failure->code, failure->message);
    job->deferred_.Resolve(job->Result(env));
  } catch (const Napi::Error& error) {
    job->deferred_.Reject(error.Value());
  } catch (...) {
    job->deferred_.Reject(MakeError(env, CurrentFailure()).Value());
  }
}

// Opening and closing.

void JobRunner::Open() {
  Napi::Env env(env_);
  // What async_hooks shows of the function. Without a hasRef() like a timer's, tools that look for
  // what keeps a process alive (jest --detectOpenHandles) take it for an open handle, long after
  // the last job.
  Napi::Object resource = Napi::Object::New(env);
  resource.Set("hasRef", Napi::Function::New(env, [this](const Napi::CallbackInfo& info) {
                 return Napi::Boolean::New(info.Env(), unsettled_ > 0);
               }));
  if (napi_create_threadsafe_function(env, nullptr, resource,
                                      Napi::String::New(env, "neural-forecaster"), 0, 1, nullptr,
                                      nullptr, this, &JobRunner::OnNews, &wake_js_) != napi_ok)
    Fail(ErrorCode::kInternal, "The environment gives no thread-safe function");
  napi_unref_threadsafe_function(env_, wake_js_);
  // Hooks run last added first: this one before the ThreadSafeFunction's own.
  napi_add_env_cleanup_hook(
      env_, [](void* self) { static_cast<JobRunner*>(self)->CloseEnvironment(); }, this);
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  registry.runners.push_back(this);
#ifndef _WIN32  // there the other threads are dead by then
  // Registered after the static objects of the libraries within were made, so it runs before their
  // destructors, which must not meet running threads.
  [[maybe_unused]] static const int registered = std::atexit(&JobRunner::StopAllAtExit);
#endif
}

void JobRunner::Stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  for (LaneState& lane : lanes_) lane.wake.notify_all();
}

void JobRunner::Join() {
  for (LaneState& lane : lanes_) {
    for (std::thread& thread : lane.threads) thread.join();
    lane.threads.clear();
  }
  {
    std::lock_guard lock(messenger_mutex_);
    messenger_stops_ = true;
  }
  messenger_wake_.notify_one();
  if (messenger_.joinable()) messenger_.join();
}

void JobRunner::CloseEnvironment() {
  {
    Registry& registry = TheRegistry();
    std::lock_guard lock(registry.mutex);
    std::erase(registry.runners, this);
  }
  for (const auto& job : jobs_) job->control_.cancelled = true;
  Stop();
  Join();
  news_.clear();
  for (LaneState& lane : lanes_) lane.queue.clear();
  jobs_.clear();  // here, where references may still be deleted
  napi_release_threadsafe_function(wake_js_, napi_tsfn_abort);
}

void JobRunner::StopAllAtExit() {
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  const auto deadline = std::chrono::steady_clock::now() + kExitPatience;
  for (JobRunner* runner : registry.runners)
    if (!runner->StopForExit(deadline)) return;
}

bool JobRunner::StopForExit(std::chrono::steady_clock::time_point deadline) {
  for (const auto& job : jobs_) job->control_.cancelled = true;
  Stop();
  {
    std::unique_lock lock(mutex_);
    if (!ended_.wait_until(lock, deadline, [this] { return running_ == 0; })) return false;
  }
  Join();
  return true;
}

}  // namespace nf::bind
