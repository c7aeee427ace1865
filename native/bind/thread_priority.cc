#include "bind/thread_priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nf::bind {

void LowerThreadPriority() {
#ifdef __linux__
  // A ninth of a normal thread's weight: the event loop hardly waits, and training still goes on
  // beside other work.
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);
#endif
}

}  // namespace nf::bind
