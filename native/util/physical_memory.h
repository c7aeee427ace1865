// How much memory there is.
#ifndef NF_UTIL_PHYSICAL_MEMORY_H_
#define NF_UTIL_PHYSICAL_MEMORY_H_

#include <cstdint>

#ifndef _WIN32
#include <unistd.h>
#endif

namespace nf {

// Bytes of the machine; 0 where that is not known.
inline int64_t PhysicalMemory() {
#ifdef _WIN32
  return 0;
#else
  const int64_t pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? pages * size : 0;
#endif
}

}  // namespace nf

#endif  // NF_UTIL_PHYSICAL_MEMORY_H_
