// Gives memory back to the system beside the event loop: the kernel takes milliseconds for what a
// large model or panel held.
#ifndef NF_BIND_FREE_ASIDE_H_
#define NF_BIND_FREE_ASIDE_H_

#include <cstddef>
#include <system_error>
#include <thread>
#include <utility>

namespace nf::bind {

// Destroys `owner` of about `bytes`: much on a thread that does nothing else, little at once. What
// it owns must know nothing of JavaScript.
template <class Owner>
void FreeAside(Owner owner, size_t bytes) {
  constexpr size_t kMuch = size_t{16} << 20;
  if (bytes < kMuch) return;
  try {
    std::thread([kept = std::move(owner)] {}).detach();
  } catch (const std::system_error&) {  // no thread: destroyed here by now
  }
}

}  // namespace nf::bind

#endif  // NF_BIND_FREE_ASIDE_H_
