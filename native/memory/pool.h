// Memory for tensors: 64-byte-aligned buffers in size classes, returned by RAII, counted, capped.
#ifndef NF_MEMORY_POOL_H_
#define NF_MEMORY_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>

namespace nf {

constexpr size_t kAlignment = 64;

struct PoolOptions {
  bool enabled = true;   // false: every buffer is allocated and freed by itself
  size_t max_bytes = 0;  // most bytes kept cached for reuse; 0 means no cap
  // Keep per class only as many buffers as were in use at once during the last 1024 to 2048
  // releases to the pool, so a size that is no longer asked for is given back.
  bool auto_tune = true;
};

// Bytes are those of the size classes (64, 128, 192, 256, 384, 512, 768 ...), not those asked for.
struct PoolStats {
  uint64_t hits = 0;        // Acquire served from the cache
  uint64_t misses = 0;      // Acquire that had to allocate
  size_t bytes_in_use = 0;  // handed out now
  size_t bytes_cached = 0;  // kept for reuse now
  size_t peak_bytes = 0;    // most of in_use + cached ever
};

class Pool;

// A movable, owning handle; returns its memory to the pool when destroyed.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  template <class T>
  T* As() const {
    return static_cast<T*>(data_);
  }
  size_t size() const { return size_; }  // bytes asked for
  explicit operator bool() const { return data_ != nullptr; }

 private:
  friend class Pool;
  Pool* pool_ = nullptr;
  void* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Thread-safe. Must outlive its buffers. Keeps at most 100 buffers of a class; at the cap of
// max_bytes the classes released to longest ago give way. Buffers of 2 MiB and more lie on huge
// pages where the system has them.
class Pool {
 public:
  explicit Pool(const PoolOptions& options = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Contents undefined (poisoned with NaN patterns in debug builds): a plan proves that it is
  // written before it is read. Throws Error(kOutOfMemory).
  Buffer Acquire(size_t bytes);

  PoolStats stats() const;
  // Frees every cached buffer.
  void Trim();

 private:
  friend class Buffer;
  Buffer Take(size_t bytes);
  void Release(void* data, size_t capacity) noexcept;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nf

#endif  // NF_MEMORY_POOL_H_
