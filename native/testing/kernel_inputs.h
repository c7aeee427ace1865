// What the kernel tests share: sizes, guarded misaligned arrays, ULP distances.
#ifndef NF_TESTING_KERNEL_INPUTS_H_
#define NF_TESTING_KERNEL_INPUTS_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/kernel_table.h"

namespace nf {

// 0..2N+1 for the widest vectors (16 floats), and some longer odd ones.
inline std::vector<size_t> TestSizes() {
  std::vector<size_t> sizes;
  for (size_t n = 0; n <= 33; ++n) sizes.push_back(n);
  for (size_t n : {63, 65, 127, 259, 1001, 4099}) sizes.push_back(n);
  return sizes;
}

// Runs body(table) for every table of this CPU, the scalar one too, naming it in failures.
template <class Body>
void ForEachTable(const Body& body) {
  for (const KernelTable* table : AllKernels()) {
    SCOPED_TRACE(std::string("target ") + table->target);
    body(*table);
  }
}

// n floats that begin `offset` floats past a 64-byte boundary, between guard values: a kernel that
// writes outside fails the test when the array dies.
class TestArray {
 public:
  explicit TestArray(size_t n, size_t offset = 0)
      : size_(n), storage_(n + 2 * kGuard + 32, kGuardValue) {
    const auto address = reinterpret_cast<uintptr_t>(storage_.data());
    begin_ = (64 - address % 64) / sizeof(float) % 16 + kGuard + offset % 16;
    std::fill(data(), data() + n, 0.0f);
  }
  TestArray(const std::vector<float>& values, size_t offset) : TestArray(values.size(), offset) {
    std::copy(values.begin(), values.end(), data());
  }
  TestArray(const TestArray& other) : TestArray(other.values(), other.begin_ % 16) {}
  TestArray& operator=(const TestArray&) = delete;
  ~TestArray() {
    for (size_t i = 0; i < storage_.size(); ++i) {
      if (i >= begin_ && i < begin_ + size_) continue;
      if (storage_[i] != kGuardValue) {
        ADD_FAILURE() << "wrote outside of " << size_ << " floats, at "
                      << static_cast<ptrdiff_t>(i) - static_cast<ptrdiff_t>(begin_);
        return;
      }
    }
  }

  float* data() { return storage_.data() + begin_; }
  const float* data() const { return storage_.data() + begin_; }
  size_t size() const { return size_; }
  float& operator[](size_t i) { return data()[i]; }
  float operator[](size_t i) const { return data()[i]; }
  std::vector<float> values() const { return {data(), data() + size_}; }

 private:
  static constexpr size_t kGuard = 32;
  static constexpr float kGuardValue = -12345.0f;
  size_t size_, begin_;
  std::vector<float> storage_;
};

inline std::vector<float> RandomFloats(size_t n, uint32_t seed, float low = -2.0f,
                                       float high = 2.0f) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(n);
  for (float& v : values) v = uniform(random);
  return values;
}

inline std::vector<double> ToDouble(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

inline std::vector<double> ToDouble(const TestArray& values) { return ToDouble(values.values()); }

// |actual - expected| in units of f32's spacing at `expected`. Infinite if just one of them is NaN,
// or infinite where the other is not.
inline double UlpDistance(float actual, double expected) {
  const float rounded = static_cast<float>(expected);
  if (std::isnan(expected) || std::isnan(actual)) {
    return std::isnan(expected) == std::isnan(actual) ? 0.0
                                                      : std::numeric_limits<double>::infinity();
  }
  if (actual == rounded) return 0.0;
  if (std::isinf(actual) || std::isinf(rounded)) return std::numeric_limits<double>::infinity();
  const float size = std::abs(rounded);
  const float next = std::nextafter(size, std::numeric_limits<float>::max());
  return std::abs(actual - expected) / (static_cast<double>(next) - size);
}

// Every element within relative * max(|expected|, scale); `scale` is the size of the terms where
// they cancel.
inline void ExpectNear(const TestArray& actual, const std::vector<double>& expected,
                       double relative, double scale = 1.0) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const double bound = relative * std::max(std::abs(expected[i]), scale);
    ASSERT_NEAR(actual[i], expected[i], bound) << "element " << i << " of " << expected.size();
  }
}

inline void ExpectSameBits(const TestArray& actual, const TestArray& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(actual[i]), std::bit_cast<uint32_t>(expected[i]))
        << "element " << i << " of " << expected.size();
  }
}

}  // namespace nf

#endif  // NF_TESTING_KERNEL_INPUTS_H_
