#include "memory/pool.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "util/error.h"

namespace nf {
namespace {

constexpr int kClasses = 80;
constexpr size_t kMostCachedPerClass = 100;
constexpr uint32_t kReleasesPerWindow = 1024;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kMostBytes = size_t{1} << 46;  // beyond any machine; keeps the arithmetic in range

// Classes 0, 1, 2, 3, 4 ... hold 64, 128, 192, 256, 384, 512, 768 ... bytes: powers of two and
// three quarters of them, so at most a third of a buffer (64 bytes of a small one) is slack.
size_t ClassBytes(int c) {
  if (c == 0) return 64;
  return c % 2 == 1 ? size_t{128} << (c / 2) : size_t{192} << (c / 2 - 1);
}

int ClassOf(size_t bytes) {
  if (bytes <= 64) return 0;
  const int floor_log2 = std::bit_width(bytes - 1) - 1;  // bytes in (2^f, 2^(f+1)], f >= 6
  const size_t middle = size_t{3} << (floor_log2 - 1);
  const int whole = 2 * (floor_log2 - 6) + 1;  // the class of 2^(f+1) bytes
  return floor_log2 > 6 && bytes <= middle ? whole - 1 : whole;
}

std::align_val_t AlignmentOf(size_t capacity) {
  return std::align_val_t{capacity >= kHugePage ? kHugePage : kAlignment};
}

// First touch of 4 x 64 MB on a busy machine: 343 ms on small pages, 52 ms on huge ones; random
// rows of 256 MB are read twice as fast. Tried and dropped: starting large buffers at different
// offsets within a page (4 KiB aliasing): nothing in Adam's loop over four of them up to 1 MB, 10%
// at 2 MB, within the noise at 4 MB.
void* AllocateAligned(size_t capacity) {
  void* data = ::operator new(capacity, AlignmentOf(capacity), std::nothrow);
#if defined(__linux__)
  if (data && capacity >= kHugePage) madvise(data, capacity, MADV_HUGEPAGE);
#endif
  return data;
}

void FreeAligned(void* data, size_t capacity) noexcept {
  ::operator delete(data, AlignmentOf(capacity));
}

// A cached buffer begins with the link to the next: caching needs no memory of its own.
struct Cached {
  Cached* next;
  size_t capacity;
};

void FreeAll(Cached* list) noexcept {
  while (list) {
    Cached* next = list->next;
    FreeAligned(list, list->capacity);
    list = next;
  }
}

struct SizeClass {
  Cached* cached = nullptr;  // newest first: its cache lines are warm
  size_t cached_count = 0;
  size_t in_use = 0;
  size_t window_peak = 0, previous_peak = 0;  // most in use at once, this window and the last
  uint64_t last_release = 0;
};

}  // namespace

// One mutex for all: an uncontended lock costs 20 ns, buffers are taken per plan, not per op, and
// system calls happen outside it.
struct Pool::Impl {
  explicit Impl(const PoolOptions& o) : options(o) {}

  void* TakeCached(int c, size_t capacity) {
    const std::lock_guard lock(mutex);
    SizeClass& k = classes[c];
    if (!k.cached) {
      ++stats.misses;
      return nullptr;
    }
    ++stats.hits;
    Cached* taken = k.cached;
    k.cached = taken->next;
    --k.cached_count;
    stats.bytes_cached -= capacity;
    CountTaken(k, capacity);
    return taken;
  }

  void CountTaken(SizeClass& k, size_t capacity) {
    k.window_peak = std::max(k.window_peak, ++k.in_use);
    stats.bytes_in_use += capacity;
    stats.peak_bytes = std::max(stats.peak_bytes, stats.bytes_in_use + stats.bytes_cached);
  }

  // Moves a cached buffer of class c to the list `freed`, for the caller to free unlocked.
  void Evict(int c, Cached*& freed) {
    SizeClass& k = classes[c];
    Cached* taken = k.cached;
    k.cached = taken->next;
    --k.cached_count;
    stats.bytes_cached -= taken->capacity;
    taken->next = freed;
    freed = taken;
  }

  void EvictDownTo(int c, size_t count, Cached*& freed) {
    while (classes[c].cached_count > count) Evict(c, freed);
  }

  // Makes room for `capacity` more cached bytes at the cost of the classes released to longest ago.
  bool MakeRoom(size_t capacity, Cached*& freed) {
    if (options.max_bytes == 0) return true;
    if (capacity > options.max_bytes) return false;
    while (stats.bytes_cached > options.max_bytes - capacity) {
      int oldest = -1;
      for (int c = 0; c < kClasses; ++c)
        if (classes[c].cached &&
            (oldest < 0 || classes[c].last_release < classes[oldest].last_release))
          oldest = c;
      Evict(oldest, freed);
    }
    return true;
  }

  // A new window: each class keeps what the last two windows had in use at once.
  void Retune(Cached*& freed) {
    for (int c = 0; c < kClasses; ++c) {
      SizeClass& k = classes[c];
      const size_t needed = std::max(k.window_peak, k.previous_peak);
      EvictDownTo(c, needed > k.in_use ? needed - k.in_use : 0, freed);
      k.previous_peak = k.window_peak;
      k.window_peak = k.in_use;
    }
  }

  const PoolOptions options;
  mutable std::mutex mutex;
  std::array<SizeClass, kClasses> classes;
  PoolStats stats;
  uint64_t releases = 0;
};

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  Buffer old(std::move(other));
  std::swap(pool_, old.pool_);
  std::swap(data_, old.data_);
  std::swap(size_, old.size_);
  std::swap(capacity_, old.capacity_);
  return *this;
}

Buffer::~Buffer() {
  if (data_) pool_->Release(data_, capacity_);
}

Pool::Pool(const PoolOptions& options) : impl_(std::make_unique<Impl>(options)) {}

Pool::~Pool() {
  assert(impl_->stats.bytes_in_use == 0 && "a buffer outlives its pool");
  Trim();
}

Buffer Pool::Take(size_t bytes) {
  Buffer buffer;
  if (bytes <= kMostBytes) {
    const int c = ClassOf(bytes);
    const size_t capacity = ClassBytes(c);
    buffer.data_ = impl_->TakeCached(c, capacity);
    if (!buffer.data_) {
      buffer.data_ = AllocateAligned(capacity);
      if (!buffer.data_) {  // what is cached may be what is missing
        Trim();
        buffer.data_ = AllocateAligned(capacity);
      }
      if (buffer.data_) {
        const std::lock_guard lock(impl_->mutex);
        impl_->CountTaken(impl_->classes[c], capacity);
      }
    }
    buffer.capacity_ = capacity;
  }
  if (!buffer.data_)
    Fail(
        ErrorCode::kOutOfMemory,
        "Out of memory: a buffer of " + std::to_string(bytes) +
            " bytes could not be allocated. Lower windowsBatchSize or batchSize, or set lowMemory");
  buffer.pool_ = this;
  buffer.size_ = bytes;
  return buffer;
}

Buffer Pool::Acquire(size_t bytes) {
  Buffer buffer = Take(bytes);
#if !defined(NDEBUG)
  std::memset(buffer.data_, 0xFF, bytes);  // a NaN in f32 and in f64
#endif
  return buffer;
}

void Pool::Release(void* data, size_t capacity) noexcept {
  Impl& impl = *impl_;
  Cached* freed = nullptr;
  {
    const std::lock_guard lock(impl.mutex);
    const int c = ClassOf(capacity);
    SizeClass& k = impl.classes[c];
    --k.in_use;
    impl.stats.bytes_in_use -= capacity;
    k.last_release = ++impl.releases;
    Cached* returned = new (data) Cached{nullptr, capacity};
    if (impl.options.enabled && k.cached_count < kMostCachedPerClass &&
        impl.MakeRoom(capacity, freed)) {
      returned->next = k.cached;
      k.cached = returned;
      ++k.cached_count;
      impl.stats.bytes_cached += capacity;
    } else {
      returned->next = freed;
      freed = returned;
    }
    if (impl.options.auto_tune && impl.releases % kReleasesPerWindow == 0) impl.Retune(freed);
  }
  FreeAll(freed);
}

PoolStats Pool::stats() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->stats;
}

void Pool::Trim() {
  Cached* freed = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    for (int c = 0; c < kClasses; ++c) impl_->EvictDownTo(c, 0, freed);
  }
  FreeAll(freed);
}

}  // namespace nf
