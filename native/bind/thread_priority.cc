#include "bind/thread_priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nf::bind {

void LowerThreadPriority() {
#ifdef __linux__
  // Five steps nicer than the process is, a third of its weight. With four fits on two cores the
  // event loop's longest gap was 10 to 11 ms at the process' own priority and 8 at 5 and 10 steps;
  // beside two busy loops 200 steps of NHITS took 0.1 s, 0.4 s and 1.1 s. On a machine that was
  // busy with much else the gaps' 99th percentile was 13 ms, 3 ms and 1.6 ms. SCHED_BATCH,
  // SCHED_IDLE, nice 19 and time slices of 0.1 to 100 ms were tried: no difference beyond the
  // noise.
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(getpid()));
  setpriority(PRIO_PROCESS, thread, nice + 5);
#endif
}

}  // namespace nf::bind
