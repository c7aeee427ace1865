// For tests only: counts the process's heap allocations. Include it in exactly one file of a test
// executable: it defines malloc and its kin over glibc's own, which new, oneTBB and everything else
// end in. Elsewhere and under sanitizers (which bring their own malloc) it counts nothing.
#ifndef NF_TESTING_HEAP_COUNTER_H_
#define NF_TESTING_HEAP_COUNTER_H_

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NF_COUNTS_HEAP 1
#else
#define NF_COUNTS_HEAP 0
#endif

namespace nf {
inline std::atomic<int64_t> heap_allocations{0};
// Allocations of all threads since the start.
inline int64_t HeapAllocations() { return heap_allocations.load(); }

// The least number of allocations during fn() over a few runs. What fn takes itself it takes in
// every run; the counter is the process's, and a thread of oneTBB that starts for an earlier test
// is in one.
template <class Fn>
int64_t LeastHeapAllocations(Fn&& fn) {
  int64_t least = INT64_MAX;
  for (int run = 0; run < 5 && least > 0; ++run) {
    const int64_t before = HeapAllocations();
    fn();
    const int64_t taken = HeapAllocations() - before;
    if (taken < least) least = taken;
  }
  return least;
}
}  // namespace nf

#if NF_COUNTS_HEAP
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  ++nf::heap_allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++nf::heap_allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ++nf::heap_allocations;
  return __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
  ++nf::heap_allocations;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void** out, size_t alignment, size_t size) {
  *out = memalign(alignment, size);
  return *out ? 0 : ENOMEM;
}
}
#endif

#endif  // NF_TESTING_HEAP_COUNTER_H_
