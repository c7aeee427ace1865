// The hot path allocates nothing: counted by replacing the global operator new of this test binary.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "data/sampler.h"

namespace {
std::atomic<int64_t> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace nf {
namespace {

TEST(Allocation, NoneInSampleAndGather) {
  Panel panel;
  panel.offsets = {0};
  for (int64_t s = 0; s < 40; ++s) panel.offsets.push_back(panel.offsets.back() + 100);
  std::vector<double> values;
  for (int64_t i = 0; i < panel.num_rows(); ++i) values.push_back(static_cast<double>(i * i % 97));
  panel.y = Column(values, false);
  panel.future_names = {"f"};
  panel.future.emplace_back(values, true);
  panel.mask.assign(panel.num_rows(), 1);
  SamplerOptions o;
  o.lookback = 12;
  o.horizon = 4;
  o.batch_size = 8;
  o.windows_batch_size = 64;
  WindowShape shape;
  shape.lookback = 12;
  shape.horizon = 4;
  shape.future = {0};
  std::vector<Frame> windows(64);
  std::vector<float> in(12), out(4), future(16);
  std::vector<double> scratch(32);
  WindowRow row;
  row.insample_y = in.data();
  row.outsample_y = out.data();
  row.future = future.data();
  const int64_t before_sampler = allocations;
  WindowSampler sampler(panel, o);
  EXPECT_GT(allocations, before_sampler);  // the counter counts

  const int64_t before = allocations;
  for (int64_t step = 0; step < 30; ++step) {  // six epochs
    sampler.Sample(step, windows);
    for (ScalerType type :
         {ScalerType::kIdentity, ScalerType::kStandard, ScalerType::kRevin, ScalerType::kRobust,
          ScalerType::kMinMax, ScalerType::kMinMax1, ScalerType::kInvariant}) {
      shape.scaler = type;
      for (const Frame& w : windows) {
        GatherFrame(panel, shape, w, row, scratch.data(), nullptr);
      }
    }
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace nf
