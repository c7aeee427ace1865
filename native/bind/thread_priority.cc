#include "bind/thread_priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nf::bind {

void LowerThreadPriority() {
#ifdef __linux__
  // Ten steps nicer than the process is, a ninth of its weight: the event loop hardly waits, and
  // training still goes on beside other work. SCHED_BATCH, SCHED_IDLE, nice 19 and time slices of
  // 0.1 ms were tried: no difference beyond the noise of the idle event loop.
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(getpid()));
  setpriority(PRIO_PROCESS, thread, nice + 10);
#endif
}

}  // namespace nf::bind
