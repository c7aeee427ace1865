#include "bind/thread_priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nf::bind {

void LowerThreadPriority() {
#ifdef __linux__
  // Five steps nicer than the process is, a third of its weight. Of four fits on two cores, the
  // event loop's gaps (99th percentile of all its turns) took 13 ms at the process' own priority,
  // 4.5 ms at 3 steps, 3 ms at 5 and 7, 1.6 ms at 10, and 1 ms without a fit; beside a busy loop a
  // training gets a fourth of a core at 5 steps and a tenth at 10. SCHED_BATCH, SCHED_IDLE, nice 19
  // and time slices of 0.1 to 100 ms were tried: no difference beyond the noise.
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(getpid()));
  setpriority(PRIO_PROCESS, thread, nice + 5);
#endif
}

}  // namespace nf::bind
