// The event loop comes first: training threads give way to it when cores are short, unless the
// forecaster's priority is 'normal'.
#ifndef NF_BIND_THREAD_PRIORITY_H_
#define NF_BIND_THREAD_PRIORITY_H_

namespace nf::bind {

// Lowers the calling thread's priority; compute threads that it starts inherit that. Does nothing
// where the system has no priority per thread.
void LowerThreadPriority();

}  // namespace nf::bind

#endif  // NF_BIND_THREAD_PRIORITY_H_
